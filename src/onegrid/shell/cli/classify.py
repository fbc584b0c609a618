"""``onegrid classify eval``: how good the text classifier is on somebody's data."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from onegrid.cases.rules.training import TooFew, evaluate
from onegrid.shell.cli.say import Trouble


def run(arguments: argparse.Namespace) -> int:
    """Train on one CSV, test on another; print macro-F1, accuracy, ms per message, model size."""
    try:
        figures = evaluate(Path(arguments.train), Path(arguments.test), arguments.text, arguments.label)
    except OSError as error:
        raise Trouble(f"{error.filename}: {error.strerror}") from error
    except (KeyError, TooFew) as error:
        raise Trouble(str(error.args[0])) from error
    except UnicodeDecodeError as error:
        raise Trouble(f"the CSV must be UTF-8: {error}") from error
    if arguments.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>16}  {value:.4g}" if isinstance(value, float) else f"{name:>16}  {value}")
    return 0
