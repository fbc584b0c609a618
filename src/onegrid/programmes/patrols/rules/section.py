"""The patrols' part of a pack: how long a track is kept, what counts as a gap, when a forgotten duty ends.

workflow.yaml:
  patrols: {keep_days: 90, gap_seconds: 120, longest_hours: 14}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from onegrid.foundation.packs.sections import Section, Source, YamlFile


@dataclass(frozen=True)
class PatrolsPart:
    """What a locality decided about patrols; the defaults are what the base pack says."""

    keep_days: int = 90
    """Days after which the points of a track are deleted; what was measured of it stays."""
    gap_seconds: int = 120
    """Two positions further apart in time have a gap between them."""
    longest_hours: int = 14
    """A duty nobody signed out of ends after so many hours."""


DEFAULT = PatrolsPart()


def read(source: Source) -> PatrolsPart:
    """Read `patrols` of workflow.yaml."""
    flow = source.document("workflow.yaml")
    part = flow.inside("patrols", required=False) if flow is not None else None
    if part is None:
        return DEFAULT
    found = PatrolsPart(
        keep_days=part.integer("keep_days", 1, 1100, required=False, default=DEFAULT.keep_days),
        gap_seconds=part.integer("gap_seconds", 30, 900, required=False, default=DEFAULT.gap_seconds),
        longest_hours=part.integer("longest_hours", 1, 24, required=False, default=DEFAULT.longest_hours),
    )
    part.done()
    return found


def stored(part: PatrolsPart) -> Mapping[str, Any]:
    """What a locality's database keeps of it."""
    return asdict(part)


SECTION: Section[PatrolsPart] = Section(
    name="patrols", files=(YamlFile("workflow.yaml", ("patrols",)),), read=read, stored=stored
)
