"""What happens to departments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Applied:
    """What loading a pack changed in one table: codes that are new, changed, and no longer in force."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    ended: tuple[str, ...]
