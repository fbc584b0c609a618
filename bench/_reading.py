"""`python -m bench._reading LOCALITY KIND=FILE …`: read and check only, in a process of its own; says how fast."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import _django
from onegrid.county.registers.rules.sheets.checking import Checker
from onegrid.county.registers.rules.sheets.headers import chosen
from onegrid.county.registers.rules.sheets.tables import open_table
from onegrid.county.registers.selectors import choices
from onegrid.foundation.database.context import in_locality

assert _django.READY


def main() -> None:
    """Each file in turn: seconds, processor seconds, rows that are good and rows that are not."""
    locality, *pairs = sys.argv[1:]
    with in_locality(locality, "import"):
        offered = choices.part().choices
    told = {}
    for pair in pairs:
        kind, _, path = pair.partition("=")
        begin, spent, good, bad = time.perf_counter(), time.process_time(), 0, 0
        table = open_table(Path(path), path)
        checker = Checker(chosen(table.header, kind, {}), offered, datetime.now(UTC).date())  # type: ignore[arg-type]
        for line, cells in table.rows:
            found = checker.check(line, cells)
            good, bad = good + (found is not None and not isinstance(found, list)), bad + isinstance(found, list)
        told[kind] = {
            "s": time.perf_counter() - begin, "cpu": time.process_time() - spent, "good": good, "bad": bad,
        }  # fmt: skip
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
