"""The workforce's part of a pack: positions, where they sit, their faces and duties.

How leaders are chosen and for how long (``chosen_by``, ``term_years``) is the locality's rule. ``headcount`` is how
many hold the position in one grid or department; ``every`` spreads one over several grids (one village policeman for
four villages); ``count`` is the published total of the whole locality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.organisations.rules.section import OrganisationsPart
from onegrid.county.workforce.rules.duties import CHOSEN_BY, DUTIES, FACES, KINDS, NEEDED
from onegrid.foundation.packs.problems import Place, Problems, one_of
from onegrid.foundation.packs.reading import Reader, Title
from onegrid.foundation.packs.sections import Section, Source, YamlFile

DEPARTMENT = "department"


@dataclass(frozen=True)
class PositionSpec:
    """A kind of role. ``at``: level names (division level, scheme level, scheme.level) or `department`."""

    key: str
    title: Title
    at: tuple[str, ...]
    kind: str
    faces: tuple[str, ...]
    duties: tuple[str, ...]
    headcount: int
    every: int
    count: int
    department: str
    """Code of the department whose staff it is, for positions in grids (police, doctors); '' for none."""
    term_years: int
    chosen_by: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True)
class WorkforcePart:
    """Every position of a locality, in the pack's order."""

    positions: tuple[PositionSpec, ...]
    place: Place = field(compare=False)


def read(source: Source) -> WorkforcePart:
    """Read roles.yaml."""
    reader = source.document("roles.yaml")
    if reader is None:
        return WorkforcePart((), source.file("roles.yaml"))
    return WorkforcePart(tuple(_position(item) for item in reader.each("positions")), reader.place)


def _position(item: Reader) -> PositionSpec:
    position = PositionSpec(
        key=item.key(),
        title=item.title("title"),
        at=item.texts("at"),
        kind=item.choice("kind", KINDS),
        faces=item.texts("faces", words=FACES),
        duties=item.texts("duties", words=DUTIES),
        headcount=item.integer("headcount", 0, 200, required=False, default=1),
        every=item.integer("every", 1, 1000, required=False, default=1),
        count=item.integer("count", 0, 1_000_000, required=False),
        department=item.text("department", required=False),
        term_years=item.integer("term_years", 0, 10, required=False),
        chosen_by=item.texts("chosen_by", required=False, words=CHOSEN_BY),
        place=item.place,
    )
    item.done()
    return position


def link(part: WorkforcePart, values: Mapping[str, object], problems: Problems) -> WorkforcePart:
    """Levels and departments must exist, and somebody must hold every duty a case needs."""
    grids, organisations = values["grids"], values["organisations"]
    if isinstance(grids, GridsPart):
        levels = grids.level_names() | {DEPARTMENT}
        for position in part.positions:
            for level in position.at:
                if level not in levels:
                    problems.add(
                        position.place,
                        "at",
                        f"no level {level!r} (position {position.key})",
                        one_of(level, sorted(levels)),
                    )
    if isinstance(organisations, OrganisationsPart):
        for position in part.positions:
            if position.department and position.department not in organisations.codes():
                known = sorted(organisations.codes())
                problems.add(
                    position.place,
                    "department",
                    f"no department {position.department!r}",
                    one_of(position.department, known),
                )
    held = {duty for position in part.positions for duty in position.duties}
    for duty in NEEDED:
        if duty not in held:
            problems.add(
                part.place,
                "positions",
                f"no position has the duty {duty}",
                f"at least one position with the duty {duty}",
            )
    return part


def summary(part: WorkforcePart) -> Mapping[str, object]:
    """How many positions there are."""
    return {"positions": len(part.positions)}


SECTION: Section[WorkforcePart] = Section(
    name="workforce", files=(YamlFile("roles.yaml", ("positions",)),), read=read, link=link, summary=summary
)
