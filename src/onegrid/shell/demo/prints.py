"""Puts the drawn pictures into the photo store, cleaned like any photo that is sent in."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings

from onegrid.foundation.database.context import standing
from onegrid.foundation.files import pictures as cleaning
from onegrid.foundation.files import shelf
from onegrid.shell.demo import pictures
from onegrid.shell.demo.album import Print


def make() -> tuple[tuple[Print, ...], tuple[Print, ...]]:
    """Pictures of things reported, and of the same places put in order, on the current locality's shelf."""
    before = tuple(_shelve(pictures.picture(number)) for number in range(pictures.KINDS))
    after = tuple(_shelve(pictures.picture(number, after=True)) for number in range(pictures.KINDS))
    return before, after


def _shelve(drawn: bytes) -> Print:
    clean = cleaning.clean(drawn)
    root, locality = Path(settings.ONEGRID_FILES), standing().locality
    shelf.put(shelf.path_of(root, locality, clean.sha256, "full"), clean.full)
    shelf.put(shelf.path_of(root, locality, clean.sha256, "thumb"), clean.thumb)
    source = hashlib.sha256(drawn).hexdigest()
    return Print(clean.sha256, source, "image/jpeg", clean.width, clean.height, len(clean.full))
