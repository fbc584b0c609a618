"""Which modules read a pack, and in which order. Needs neither Django nor a database."""

from __future__ import annotations

from pathlib import Path

from onegrid.cases.rules.section import SECTION as CASES
from onegrid.county.grids.rules.section import SECTION as GRIDS
from onegrid.county.matters.rules.section import SECTION as MATTERS
from onegrid.county.organisations.rules.section import SECTION as ORGANISATIONS
from onegrid.county.registers.rules.section import SECTION as REGISTERS
from onegrid.county.workforce.rules.section import SECTION as WORKFORCE
from onegrid.foundation import packs
from onegrid.foundation.files.section import SECTION as FILES
from onegrid.insight.assessment.rules.section import SECTION as ASSESSMENT
from onegrid.programmes.patrols.rules.section import SECTION as PATROLS

SECTIONS: packs.Sections = {
    section.name: section
    for section in (FILES, GRIDS, ORGANISATIONS, MATTERS, WORKFORCE, REGISTERS, CASES, PATROLS, ASSESSMENT)
}
"""What each module reads of a pack, lower modules first."""


def load_pack(root: Path, name: str) -> packs.LoadedPack:
    """One pack of a folder of packs. Raises PackNotFound or PackInvalid."""
    return packs.load(root, name, SECTIONS)


def check_packs(root: Path) -> packs.CheckReport:
    """Every problem of every pack in a folder, and what each locality holds."""
    return packs.check(root, SECTIONS)
