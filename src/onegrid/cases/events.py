"""What other parts of the product may react to. The outbox carries these; `shell/wiring` names who listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOVED = "cases.moved"
"""An action was recorded."""
BREACHED = "cases.breached"
"""A limit passed."""
DUE_SOON = "cases.due_soon"
"""A limit is near."""

TOPICS = (MOVED, BREACHED, DUE_SOON)


@dataclass(frozen=True)
class CaseMoved:
    """An action was recorded and the case stands where `status` says."""

    case: str
    number: str
    seq: int
    action: str
    status: str
    scope_path: str
    departments: tuple[str, ...] = ()
    """Paths of the departments that may see the case."""

    def payload(self) -> Mapping[str, Any]:
        """As the outbox stores it."""
        return {
            "case": self.case,
            "number": self.number,
            "seq": self.seq,
            "action": self.action,
            "status": self.status,
            "scope_path": self.scope_path,
            "departments": list(self.departments),
        }
