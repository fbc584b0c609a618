"""``onegrid tallies check|rebuild``: whether the dashboards' roll-ups equal the rows, and counting them all over again.

Both work while the locality is served.
"""

from __future__ import annotations

import argparse

from onegrid.cases.selectors import figures
from onegrid.county.grids import selectors as grids
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.services import tallies


def run(arguments: argparse.Namespace) -> int:
    """Say what was found or done; exit code 1 when a roll-up differs from its rows."""
    with in_locality(arguments.locality, "fold"):
        if arguments.what == "rebuild":
            parts = [grid.scope_path for grid in grids.children(grids.root().id)]
            print(f"{tallies.rebuild(figures.footprints(), parts)} cases counted anew")
            return 0
        wrong = tallies.check(figures.footprints())
    for scope_path, dimension, span, day, key, *measures in wrong:
        print(f"{scope_path} {dimension} {span or 'all'} {day} {key or '-'}: too high by {measures}")
    print("some roll-ups differ from their rows" if wrong else "every roll-up equals its rows")
    return 1 if wrong else 0
