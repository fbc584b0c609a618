"""Which job the worker process runs how often. A table; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from onegrid.cases import tasks as cases
from onegrid.county.grids import tasks as grids
from onegrid.county.registers import tasks as registers
from onegrid.county.registers.services.duplicates import MOST_ROWS
from onegrid.foundation.accounts import tasks as accounts
from onegrid.foundation.journal import tasks as journal
from onegrid.foundation.kernel.clock import read_clock
from onegrid.programmes.patrols import tasks as patrols
from onegrid.shell.drawing import draw
from onegrid.shell.importing import run_waiting
from onegrid.shell.learning import learn
from onegrid.shell.wiring import HANDLERS


@dataclass(frozen=True)
class Job:
    """Something the worker process does for every locality again and again; ``run`` gets the locality's name."""

    name: str
    every: float
    """Seconds between the starts of two rounds."""
    run: Callable[[str], object]
    demo_only: bool = False
    again: int = 0
    """A round that did at least so much (as `run` returns it) for some locality is followed by the next at once: there
    is more waiting. 0: never."""


def live(locality: str) -> object:
    """The demo's life. Loaded by name when it first runs: only a demo pays for the generator's libraries."""
    return import_module("onegrid.shell.demo.life").run(locality, read_clock())


LIMITS: tuple[cases.Kind, ...] = ("passed", "ended")
WARNINGS: tuple[cases.Kind, ...] = ("near",)
"""In loops of their own: while one waits for the database the other works, and no warning holds up a passed limit."""

JOBS: tuple[Job, ...] = (
    Job("fold", 1.0, journal.fold),
    Job("limits", 1.0, lambda locality: cases.sweep(locality, read_clock(), kinds=LIMITS), again=cases.BATCH),
    Job("warnings", 1.0, lambda locality: cases.sweep(locality, read_clock(), kinds=WARNINGS), again=cases.BATCH),
    Job("outbox", 0.5, lambda locality: journal.deliver(locality, HANDLERS, read_clock), again=journal.MANY),
    Job("seal", 60.0, lambda locality: journal.seal(locality, read_clock())),
    Job("tidy feed", 3600.0, lambda locality: journal.tidy(locality, read_clock())),
    Job("tidy tallies", 24 * 3600.0, lambda locality: journal.tidy_tallies(locality, read_clock())),
    Job("tidy accounts", 3600.0, lambda locality: accounts.tidy(locality, read_clock())),
    Job("life", 7.0, live, demo_only=True),
    Job("classifier", 5.0, lambda locality: cases.lacks_classifier(locality) and learn(locality)),
    Job("learn", 3600.0, lambda locality: cases.classifier_is_old(locality, read_clock()) and learn(locality)),
    Job("forgotten duty", 300.0, lambda locality: patrols.close_forgotten(locality, read_clock())),
    Job("forget tracks", 3600.0, lambda locality: patrols.forget_tracks(locality, read_clock())),
    Job(
        "compare residents",
        10.0,
        lambda locality: registers.compare_residents(locality, read_clock()),
        again=MOST_ROWS,
    ),
    Job("tidy register receipts", 3600.0, lambda locality: registers.forget_receipts(locality, read_clock())),
    Job("retention", 6 * 3600.0, lambda locality: registers.purge(locality, read_clock())),
    Job("drafts", 1.0, lambda locality: grids.apply_due(locality, read_clock())),
    Job("drawings", 1.0, lambda locality: draw(locality, grids.next_drawing(locality, read_clock())), again=1),
    Job("imports", 1.0, run_waiting, again=1),
    Job("forget uploads", 3600.0, lambda locality: registers.forget_uploads(locality, read_clock())),
    Job("tidy receipts", 3600.0, lambda locality: cases.forget_receipts(locality, read_clock())),
)
