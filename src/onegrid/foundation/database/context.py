"""Acting in the database: every read and write happens inside `acting`.

    with acting(Standing("minhou", "r.1a.")):        # one transaction, one scope
        ...
        with widened("intake"):                      # one named step sees more
            ...

Outside of it no locality's table can even be found. The server is told with the next statement (see `backend`). See
README.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from django.db import connection, transaction

from onegrid.foundation.database.standing import ROOT, Standing, _current
from onegrid.foundation.database.standing import current as current_standing
from onegrid.foundation.kernel.errors import NoStanding

__all__ = ["REASONS", "ROOT", "Standing", "acting", "in_locality", "standing", "widened"]

REASONS: Final = frozenset(
    {
        "intake",  # a report may lie outside its sender's scope
        "receipt",  # the answer to a repeated key
        "locate",  # which grid a point lies in
        "preview",  # near and similar cases before filing
        "dispatch",  # an assignment for a department or grid elsewhere
        "transfer",  # a case moves to another subtree
        "whistle",  # named departments are called
        "return",  # an assignment goes back to whoever receives it
        "escalate",  # the next centre above
        "merge",  # two cases, perhaps of two grids
        "step",  # the rows of other grids and departments that a step of a case touches
        "act",  # an allowed action of someone who reaches the case by grant or report
        "track",  # progress by tracking code
        "reveal",  # the log of a look must be written whatever the scope
        "sign_in",  # accounts before anyone is known
        "hats",  # a person's appointments
        "files",  # a photo of something the caller may see
        "reference",  # catalogue, departments, grids: known to everybody
        "notify",  # messages to people elsewhere
        "feed",  # the live feed's readers
        "sweep",  # the clocks
        "outbox",
        "fold",
        "seal",
        "dashboard",
        "pack",
        "demo",
        "import",  # the background finds what waits to be imported, whoever asked for it
        "health",
        "duty",  # somebody's own duty, whichever hat he wears now
        "looks",  # how often somebody looked today
        "own_data",  # what is held about the person who asks
        "retention",  # what has been kept long enough
        "systems",  # another system reads what was agreed with it
        "rotate",  # sealing everything anew under another key
        "notices",  # a notice is read by everybody below the grid it is written to
    }
)
"""Every reason to see more than one's hat. A new one is added here, where it is read."""


def standing() -> Standing:
    """The standing in force. Raises `NoStanding`."""
    found = current_standing()
    if found is None:
        raise NoStanding("the database was asked outside `acting(...)`")
    return found


@contextmanager
def acting(who: Standing) -> Iterator[Standing]:
    """One transaction on behalf of `who`; nested in another it is a savepoint, and the outer standing returns after."""
    token = _current.set(who)
    try:
        with transaction.atomic():
            yield who
    finally:
        _current.reset(token)


@contextmanager
def widened(reason: str, scope: str = ROOT) -> Iterator[Standing]:
    """The same transaction under the app role with a wider scope, for one named step."""
    if reason not in REASONS:
        raise ValueError(f"{reason!r} is not a known reason to widen the scope")
    outer = standing()
    if not connection.in_atomic_block:
        raise NoStanding("widened(...) needs a running transaction")
    wider = replace(outer, scope=scope, role="app", department="", person="", reason=reason)
    token = _current.set(wider)
    try:
        yield wider
    finally:
        _current.reset(token)


@contextmanager
def become(who: Standing) -> Iterator[Standing]:
    """Go on as `who` until the transaction ends: the middleware's step from finding the person to serving him.

    Nothing but the commit may follow.
    """
    token = _current.set(who)
    try:
        yield who
    finally:
        _current.reset(token)


@contextmanager
def in_locality(name: str, reason: str = "") -> Iterator[Standing]:
    """One transaction over the whole of a locality, for jobs and commands."""
    with acting(Standing(name, ROOT, reason=reason)) as who:
        yield who
