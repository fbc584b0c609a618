"""Where hats come from. The county knows appointments; the shell hands its function in here at start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from onegrid.foundation.accounts.actor import Hat

HatSource = Callable[[int, datetime], Sequence[Hat]]


def _bare_headed(user_id: int, now: datetime) -> Sequence[Hat]:
    """Without a source nobody holds anything."""
    return ()


class _Source:
    """The one source of this process."""

    def __init__(self) -> None:
        self.of: HatSource = _bare_headed


_source = _Source()


def use(source: HatSource) -> None:
    """Take hats from `source(user_id, now)`."""
    _source.of = source


def hats_of(user_id: int, now: datetime) -> Sequence[Hat]:
    """The hats a person holds now, the first being what he wears unless he chose another."""
    return _source.of(user_id, now)
