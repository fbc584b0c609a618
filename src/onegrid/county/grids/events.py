"""What grids tell others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

REPLACED: Final = "grids.replaced"
"""Grids were split, merged or redrawn."""


@dataclass(frozen=True)
class GridsReplaced:
    """Grids were retired and others took their place; whoever stores places moves them over.

    `retired` and `successors` are paths. Grids that go on with another border are named in both; a `redraw` may have
    nothing but those.
    """

    retired: tuple[str, ...]
    successors: tuple[str, ...]
    kind: Literal["split", "merge", "redraw"]
    reason: str
    at: datetime

    def payload(self) -> Mapping[str, Any]:
        """As the outbox stores it."""
        return {
            "retired": list(self.retired), "successors": list(self.successors), "kind": self.kind,
            "reason": self.reason, "at": self.at.isoformat(),
        }  # fmt: skip
