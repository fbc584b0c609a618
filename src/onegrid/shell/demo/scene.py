"""One tick of life: the stage it plays on, the time, the dice, and the step that comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import Action
from onegrid.county.matters.selectors import MatterInfo
from onegrid.shell.demo.casting import Cast
from onegrid.shell.demo.scripts import Spot
from onegrid.shell.demo.words import Speech


@dataclass(frozen=True)
class Stage:
    """What is needed of one locality, read once and kept while its map and pack stay the same."""

    cast: Cast
    spots: list[Spot]
    near: list[Spot]
    catalogue: list[MatterInfo]
    weights: np.ndarray[Any, np.dtype[np.float64]]
    players: frozenset[int]


@dataclass
class Scene:
    """One tick: the stage, the time and the dice."""

    stage: Stage
    locality: str
    now: datetime
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.speech = Speech(self.rng)

    def one(self, options: Sequence[Any]) -> Any:
        """One of the options; None when there is none."""
        return options[int(self.rng.integers(len(options)))] if len(options) else None

    def somebody(self, actors: Sequence[Actor], *, than: frozenset[str] | set[str] = frozenset()) -> Actor | None:
        """One of the actors, rather not one whom a person at a screen plays."""
        free = [actor for actor in actors if actor.word not in than]
        extras = [actor for actor in free if actor.user_id not in self.stage.players]
        found: Actor | None = self.one((extras or free)[:6])
        return found

    def chance(self, share: float) -> bool:
        """True in this share of ticks."""
        return bool(self.rng.random() < share)


@dataclass(frozen=True)
class Step:
    """What to do next with a case, and who does it."""

    case: Case
    action: Action
    actor: Actor
    data: Mapping[str, Any]
    assignment: str | None = None
    photo: str = ""
    """Which kind of photo goes with it; empty for none."""
