"""``onegrid seed``: fill one locality with a synthetic county. Prints one line of JSON: the sign-ins."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from onegrid.shell.cli.say import Bar, Trouble
from onegrid.shell.demo import WasDrawnOtherwise, seed


def run(arguments: argparse.Namespace) -> int:
    """Fill it; doing it again changes nothing."""
    bar = Bar(f"filling {arguments.locality}")
    try:
        result = seed(arguments.locality, arguments.scale, arguments.seed, bar)
    except WasDrawnOtherwise as why:
        raise Trouble(
            f"{why}; start anew with `demo --fresh`, or go on with the scale and seed it was begun with"
        ) from why
    bar.done()
    print(json.dumps(asdict(result), ensure_ascii=False, default=str))
    return 0
