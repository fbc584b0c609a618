"""What happens to the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PackLoaded:
    """A version of a pack came into force: how many matters are new, changed, and no longer in force."""

    version: str
    added: int
    changed: int
    ended: int
