"""Puts the drawn pictures into the photo store, once per server."""

from __future__ import annotations

import hashlib
from datetime import datetime

from onegrid.shell.demo import pictures
from onegrid.shell.demo.album import Print


def make(now: datetime) -> tuple[tuple[Print, ...], tuple[Print, ...]]:
    """Pictures of things reported, and of the same places put in order."""
    before = tuple(_print(pictures.picture(number)) for number in range(pictures.KINDS))
    after = tuple(_print(pictures.picture(number, after=True)) for number in range(pictures.KINDS))
    return before, after


def _print(drawn: bytes) -> Print:
    digest = hashlib.sha256(drawn).hexdigest()
    return Print(digest, digest, "image/jpeg", *pictures.SIZE, len(drawn))
