"""The pack loader: a locality's folder of files becomes values, or a list of everything that is wrong with it.

Knows no domain. Each module declares its own section; `shell.wiring` composes them.
"""

from onegrid.foundation.packs.errors import PackInvalid, PackNotFound
from onegrid.foundation.packs.loader import CheckReport, LoadedPack, Sections, check, load, names
from onegrid.foundation.packs.problems import Place, Problem, Problems
from onegrid.foundation.packs.sections import Section

__all__ = [
    "CheckReport",
    "LoadedPack",
    "PackInvalid",
    "PackNotFound",
    "Place",
    "Problem",
    "Problems",
    "Section",
    "Sections",
    "check",
    "load",
    "names",
]
