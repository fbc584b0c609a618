"""The files' part of a pack: what is written on a photo where it is taken.

Django and the database are not needed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from onegrid.foundation.packs.sections import Section, Source, YamlFile

STAMPS: Final = ("time", "place", "name")
"""When it was taken, where, and by whom."""


@dataclass(frozen=True)
class FilesPart:
    """How photos are treated in this locality."""

    stamp: tuple[str, ...] = ()
    """What staff's photos carry in their picture, in the order of `STAMPS`; empty: nothing."""


def read(source: Source) -> FilesPart:
    """Read `photos` of pack.yaml; a pack without it stamps nothing."""
    pack = source.document("pack.yaml")
    photos = pack.inside("photos", required=False) if pack is not None else None
    if photos is None:
        return FilesPart()
    wanted = photos.texts("stamp", required=False, words=STAMPS)
    photos.done()
    return FilesPart(tuple(word for word in STAMPS if word in wanted))


def stored(part: FilesPart) -> Mapping[str, object]:
    """What the database keeps with the pack's version."""
    return {"stamp": list(part.stamp)}


SECTION: Final = Section[FilesPart](
    name="files",
    files=(YamlFile("pack.yaml", ("photos",)),),
    read=read,
    stored=stored,
)
