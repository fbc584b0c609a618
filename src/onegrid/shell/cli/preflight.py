"""``onegrid preflight``: may this be served? ``serve`` asks it by itself."""

from __future__ import annotations

import argparse

from django.db import DatabaseError

from onegrid.shell.cli.say import Trouble
from onegrid.shell.config.guard import Unfit, refuse_unfit


def run(_arguments: argparse.Namespace) -> int:
    """Exit code 0 when it may."""
    try:
        refuse_unfit()
    except Unfit as error:
        raise Trouble(str(error)) from error
    except DatabaseError as error:
        raise Trouble(f"the database cannot be used: {error}") from error
    return 0
