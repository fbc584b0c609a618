"""What grids tell others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class GridsReplaced:
    """Grids were retired and others took their place; whoever stores places moves them over."""

    retired: tuple[str, ...]
    successors: tuple[str, ...]
    kind: Literal["split", "merge"]
    reason: str
    at: datetime
