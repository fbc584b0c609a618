"""Who may see an attached photo: whoever may see its owner. The modules above say how that is found out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OwnerCheck = Callable[[Any, str], bool]
"""(actor, owner id) → may he see the owner, under his own standing."""

_checks: dict[str, OwnerCheck] = {}


def register_owner_check(kind: str, check: OwnerCheck) -> None:
    """Photos of `kind` are seen by those `check` admits."""
    _checks[kind] = check


def may_see(kind: str, owner_id: str, actor: Any) -> bool:
    """Whether the actor may see an owner; a kind nobody registered is seen by nobody."""
    check = _checks.get(kind)
    return check is not None and check(actor, owner_id)
