"""Remembers which tables a data folder has, so that a start with nothing to do skips a process that would say so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2]


def code_digest() -> str:
    """A hash over every migration and over what prepares a database."""
    digest = hashlib.sha256()
    files = [*PACKAGE.glob("**/migrations/*.py"), *(PACKAGE / "foundation" / "database").glob("*.py")]
    for path in sorted(files):
        digest.update(f"{path.relative_to(PACKAGE)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Prepared:
    """The note ``prepared.json`` in the data folder. Deleting it is always safe."""

    def __init__(self, data: Path) -> None:
        self._path = data / "prepared.json"
        self._noted: dict[str, Any] = {}
        if self._path.is_file():
            self._noted = json.loads(self._path.read_text())

    @property
    def names(self) -> tuple[str, ...]:
        """Every locality that was set up here."""
        return tuple(self._noted.get("names", ()))

    def covers(self, names: Sequence[str]) -> bool:
        """Whether this code already set up all of these."""
        return self._noted.get("code") == code_digest() and set(names) <= set(self.names)

    def remember(self, names: Sequence[str]) -> None:
        """Note that they are set up."""
        together = list(dict.fromkeys([*self.names, *names]))
        self._noted = {"code": code_digest(), "names": together}
        self._path.write_text(json.dumps(self._noted))
