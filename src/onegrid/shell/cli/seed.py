"""``onegrid seed``: fill one locality with a synthetic county. Prints one line of JSON: the sign-ins."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from onegrid.shell.cli.say import Bar
from onegrid.shell.demo import seed


def run(arguments: argparse.Namespace) -> int:
    """Fill it; doing it again changes nothing."""
    bar = Bar(f"filling {arguments.locality}")
    result = seed(arguments.locality, arguments.scale, arguments.seed, bar)
    bar.done()
    print(json.dumps(asdict(result), ensure_ascii=False, default=str))
    return 0
