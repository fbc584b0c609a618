"""The photos of a synthetic locality: few drawn pictures, many rows that show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from onegrid.foundation.files.models import Photo
from onegrid.shell.demo.ledger import insert_models


@dataclass(frozen=True)
class Print:
    """One drawn picture as it lies in the store."""

    sha256: str
    source_sha256: str
    mime: str
    width: int
    height: int
    size: int


@dataclass
class Album:
    """Gives every case pictures of its own from a few drawn ones; rows wait until ``store``."""

    before: tuple[Print, ...]
    after: tuple[Print, ...]
    waiting: list[Photo] = field(default_factory=list)
    _taken: dict[UUID, int] = field(default_factory=dict)

    def take(self, case: UUID, kind: str, sender: str, at: datetime, scope_path: str) -> str:
        """A photo of a case, already attached to it; returns its id."""
        number = self._taken.get(case, 0)
        self._taken[case] = number + 1
        key = uuid5(case, f"photo {number}")
        prints = self.after if kind in {"after", "evidence"} else self.before
        shown = prints[case.int % len(prints)]
        self.waiting.append(
            Photo(
                id=key,
                key=str(key),
                sender=sender,
                owner_kind="case",
                owner_id=str(case),
                scope_path=scope_path,
                kind=kind,
                mime=shown.mime,
                width=shown.width,
                height=shown.height,
                size=shown.size,
                sha256=shown.sha256,
                source_sha256=shown.source_sha256,
                taken_at=at,
                uploaded_at=at,
            )
        )
        return str(key)

    def mark(self) -> int:
        """Where the album stands, to go back to with ``forget``."""
        return len(self.waiting)

    def forget(self, mark: int) -> None:
        """Drop photos taken since the mark: their case was never told to its end."""
        del self.waiting[mark:]

    def store(self) -> None:
        """Write the waiting rows."""
        insert_models(Photo, self.waiting)
        self.waiting = []
