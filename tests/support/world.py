"""A small locality made of squares, from any pack: every division, a few grids of every scheme, and one person per
position.

The geometry is the simplest that tiles; names, levels, departments, matters, steps and limits are the pack's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from shapely import box
from shapely.geometry.base import BaseGeometry

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import setting
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.grids.selectors import places
from onegrid.county.grids.services import calendar, schemes, tree
from onegrid.county.grids.services.tree import GridDraft, Planted
from onegrid.county.matters import selectors as matters
from onegrid.county.matters import services as matter_services
from onegrid.county.organisations import selectors as organisations
from onegrid.county.organisations import services as organisation_services
from onegrid.county.workforce import selectors as workforce
from onegrid.county.workforce import services as workforce_services
from onegrid.county.workforce.rules.terms import fits
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import widened
from onegrid.foundation.packs import LoadedPack
from onegrid.shell.sections import load_pack

REPOSITORY = Path(__file__).resolve().parents[2]
TEST_PACKS = Path(__file__).resolve().parent / "packs"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SIDE = 0.08
PEOPLE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


@dataclass
class Person:
    """Somebody who works here, with the hat he wears in tests."""

    actor: Actor
    kind: str
    position: str


@dataclass
class World:
    """What was planted, and the people of one village's chain."""

    pack: LoadedPack
    planted: dict[str, Planted] = field(default_factory=dict)
    leaves: list[Planted] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    officers: dict[str, Actor] = field(default_factory=dict)

    @property
    def leaf(self) -> Planted:
        """The smallest grid of the first village."""
        return self.leaves[0]

    @property
    def point(self) -> tuple[float, float]:
        """A point in it."""
        return self.leaf.lon, self.leaf.lat

    def staff(self, kind: str, *, scope: str | None = None, duty: str | None = None) -> Actor:
        """The person of a kind of position, at a place or with a duty when told."""
        for person in self.people:
            actor = person.actor
            if person.kind != kind or (scope is not None and actor.scope_path != scope):
                continue
            if duty is None or duty in actor.duties:
                return actor
        raise LookupError(f"nobody of kind {kind} at {scope} with {duty}")

    def officer(self, code: str) -> Actor:
        """Somebody who handles for a department; appointed at the first call. Under root scope."""
        if code not in self.officers:
            self.officers[code] = _officer(code)
        return self.officers[code]

    def resident(self, name: str = "resident") -> Actor:
        """Somebody who lives here."""
        return Actor(kind="resident", resident_id=uuid5(PEOPLE, name))


def plant(pack_root: Path, name: str, *, years: tuple[int, int] = (2025, 2026)) -> World:
    """Load a pack into the current locality (root scope) and make its world."""
    pack = load_pack(pack_root, name)
    world = World(pack)
    part = pack.section("grids", GridsPart)
    schemes.apply(part)
    _plant_grids(world, part)
    organisation_services.apply(pack)
    matter_services.apply(pack, now=BEGIN)
    forget()
    workforce_services.apply(pack)
    calendar.seed_calendar(*years)
    _appoint(world)
    return world


def forget() -> None:
    """Worlds follow each other under one name and version: what a process keeps of the last one must go."""
    matters.forget()
    setting.forget()
    places._indexes.clear()


def _plant_grids(world: World, part: GridsPart) -> None:
    levels = {level.key: level.id for level in grids.division_levels()}
    children: dict[str, list[Any]] = {}
    for division in part.divisions:
        if division.code != part.root:
            children.setdefault(division.parent, []).append(division)
    drafts: list[GridDraft] = []
    keys: list[str] = []
    outlines: dict[str, BaseGeometry] = {}
    first_of: dict[str, int] = {}

    def add(division: Any, outline: BaseGeometry, parent: int | None) -> None:
        at = len(drafts)
        drafts.append(GridDraft(division.name, levels[division.level], None, parent, outline, code=division.code))
        keys.append(division.code)
        outlines[division.code], first_of[division.code] = outline, at
        for child, shape in zip(
            children.get(division.code, ()), _split(outline, len(children.get(division.code, ()))), strict=True
        ):
            add(child, shape, at)

    (root,) = [division for division in part.divisions if division.code == part.root]
    add(root, box(part.lon - SIDE, part.lat - SIDE, part.lon + SIDE, part.lat + SIDE), None)
    leaf_at: list[int] = []
    for scheme, spec in zip(grids.schemes(), part.schemes, strict=True):
        own = [level for level in scheme.levels if not level.division and not level.holds]
        for code in spec.covers[:2]:
            parent, outline = first_of[code], outlines[code]
            for step, level in enumerate(own):
                halves = _split(outline, 2)
                drafts.extend(
                    GridDraft(f"{level.title_zh}{number}", level.id, scheme.id, parent, half, households=5, steps=step)
                    for number, half in enumerate(halves, start=1)
                )
                parent, outline = len(drafts) - 2, halves[0]
            leaf_at.append(parent)
    digits = part.code_digits or (3, 2)
    made = tree.plant(drafts, pattern=CodePattern(digits), now=BEGIN)
    world.planted = {code: made[first_of[code]] for code in keys}
    world.leaves = [made[at] for at in leaf_at]


def _split(outline: BaseGeometry, parts: int) -> list[BaseGeometry]:
    west, south, east, north = outline.bounds
    if east - west > north - south:
        step = (east - west) / max(parts, 1)
        return [box(west + at * step, south, west + (at + 1) * step, north) for at in range(parts)]
    step = (north - south) / max(parts, 1)
    return [box(west, south + at * step, east, south + (at + 1) * step) for at in range(parts)]


def _appoint(world: World) -> None:
    """One person for every position, in every grid of the first leaf's chain where it sits."""
    chain = grids.chain(world.leaf.scope_path)
    drafts, people = [], []
    number = 0
    for position in workforce.positions():
        for grid in chain:
            if not fits(position.at, scheme=grid.scheme, level=grid.level):
                continue
            number += 1
            drafts.append(
                workforce_services.Draft(user=number, position=position.key, grid=grid.id, valid_from=date(2025, 1, 1))
            )
            people.append(
                Person(
                    Actor(
                        kind="staff", user_id=number, name=f"{position.title_zh}{number}", position=position.title_zh,
                        role=position.kind, unit=grid.name, scope_path=grid.scope_path,
                        duties=frozenset(position.duties),
                    ),
                    position.kind,
                    position.key,
                )
            )  # fmt: skip
    for person in people:
        User(
            pk=person.actor.user_id, username=f"user{person.actor.user_id}", password="", display_name=person.actor.name
        ).save()
    workforce_services.appoint_many(drafts)
    world.people = people


def _officer(code: str) -> Actor:
    found = organisations.by_code(code)
    if found is None:
        raise LookupError(code)
    position = next(one for one in workforce.positions() if "department" in one.at)
    number = 900_000 + found.id
    with widened("demo"):
        if not User.objects.filter(pk=number).exists():
            User(pk=number, username=f"user{number}", password="", display_name=f"经办{code}").save()
            workforce_services.appoint_many(
                [
                    workforce_services.Draft(
                        user=number, position=position.key, department=found.id, valid_from=date(2020, 1, 1)
                    )
                ]
            )
    return Actor(
        kind="staff", user_id=number, name=f"经办{code}", position=position.title_zh, role=position.kind,
        unit=found.name_zh,
        department_id=found.id, department_path=found.path, duties=frozenset(position.duties),
    )  # fmt: skip
