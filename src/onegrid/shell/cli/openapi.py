"""``onegrid openapi``: write the API's contract, from which the pages' types are generated."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from onegrid.shell.cli.say import Trouble, note
from onegrid.shell.config.api import api


def contract() -> str:
    """The OpenAPI document as text, the same for every run."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def run(arguments: argparse.Namespace) -> int:
    """Write it, or with ``--check`` compare it."""
    text = contract()
    if arguments.output == "-":
        sys.stdout.write(text)
        return 0
    path = Path(arguments.output)
    if arguments.check:
        if not path.is_file() or path.read_text("utf-8") != text:
            raise Trouble(f"{path} is not what the code says; run: ./run openapi")
        return 0
    path.write_text(text, "utf-8")
    note(f"wrote {path}")
    return 0
