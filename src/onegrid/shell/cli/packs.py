"""``onegrid packs check``: every mistake of every pack, with file, line and what was expected."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from django.conf import settings

from onegrid.shell.sections import check_packs


def run(arguments: argparse.Namespace) -> int:
    """Check all packs; exit code 1 when something is wrong."""
    report = check_packs(Path(arguments.root) if arguments.root else Path(settings.ONEGRID_LOCALITIES))
    if arguments.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2, default=str))
        return 0 if report.ok else 1
    for problem in report.problems:
        print(problem)
    for name, summary in report.localities.items():
        counts = ", ".join(f"{key} {value}" for key, value in summary.items() if key != "ok")
        print(f"{name}: {counts}")
    print("every pack is in order" if report.ok else f"{len(report.problems)} mistakes")
    return 0 if report.ok else 1
