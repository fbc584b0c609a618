"""The one place where flow goes back up: which job runs how often, who hears of which event.

Tables only. A line names a thing below and what it is connected to; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from onegrid.county.matters import services as matters
from onegrid.county.organisations import services as organisations
from onegrid.county.workforce import services as workforce
from onegrid.foundation.packs import LoadedPack


@dataclass(frozen=True)
class Job:
    """Something the worker process does for every locality again and again; ``run`` gets the locality's name."""

    name: str
    every: float
    """Seconds between the starts of two rounds."""
    run: Callable[[str], object]
    demo_only: bool = False


JOBS: tuple[Job, ...] = ()


def apply_pack(pack: LoadedPack, *, now: datetime) -> None:
    """Load a pack into the locality in force, lower modules first; repeating it changes nothing.

    Runs in one transaction over the whole locality. Apply it again after planting grids, so that the units of
    townships and villages find their place.
    """
    organisations.apply(pack)
    matters.apply(pack, now=now)
    workforce.apply(pack)
