"""What happens to appointments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Appointed:
    """Somebody came to hold a position."""

    appointment: int
    user: int
    position: str
    scope_path: str
    valid_from: date


@dataclass(frozen=True)
class AppointmentEnded:
    """Somebody no longer holds a position; ``reason`` is one of `rules.terms.REASONS`."""

    appointment: int
    user: int
    position: str
    scope_path: str
    on: date
    reason: str
