"""The one place where flow goes back up: which job runs how often, who hears of which event.

Tables only. A line names a thing below and what it is connected to; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from onegrid.cases import tasks as cases
from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.grids.services import schemes
from onegrid.county.matters import services as matters
from onegrid.county.organisations import services as organisations
from onegrid.county.workforce import selectors as appointments
from onegrid.county.workforce import services as workforce
from onegrid.foundation.accounts import hats
from onegrid.foundation.journal import tasks as journal
from onegrid.foundation.journal.services import outbox
from onegrid.foundation.kernel.clock import read_clock
from onegrid.foundation.packs import LoadedPack
from onegrid.shell.demo import life


@dataclass(frozen=True)
class Job:
    """Something the worker process does for every locality again and again; ``run`` gets the locality's name."""

    name: str
    every: float
    """Seconds between the starts of two rounds."""
    run: Callable[[str], object]
    demo_only: bool = False


HANDLERS: outbox.Handlers = {}
"""Who hears of which topic of the outbox."""

JOBS: tuple[Job, ...] = (
    Job("fold", 1.0, journal.fold),
    Job("clocks", 1.0, lambda locality: cases.sweep(locality, read_clock())),
    Job("outbox", 0.5, lambda locality: journal.deliver(locality, HANDLERS, read_clock)),
    Job("seal", 60.0, lambda locality: journal.seal(locality, read_clock())),
    Job("tidy feed", 3600.0, lambda locality: journal.tidy(locality, read_clock())),
    Job("life", life.EVERY_S, lambda locality: life.run(locality, read_clock()), demo_only=True),
    Job("tidy receipts", 3600.0, lambda locality: cases.forget_receipts(locality, read_clock())),
)


def apply_pack(pack: LoadedPack, *, now: datetime) -> None:
    """Load a pack into the locality in force, lower modules first; repeating it changes nothing.

    Runs in one transaction over the whole locality. Apply it again after planting grids, so that the units of
    townships and villages find their place.
    """
    schemes.apply(pack.section("grids", GridsPart))
    organisations.apply(pack)
    matters.apply(pack, now=now)
    workforce.apply(pack)


def connect() -> None:
    """Hand lower floors what they ask of higher ones; called once, when the apps are ready."""
    hats.use(appointments.hats_at)
