"""Fills the positions of a pack: invented people, their appointments, and the demonstration's own accounts.

Everybody has an account; only the demonstration accounts have a password. They sit where a case reported
at the centre of the map can be walked through by them from report to rating.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.locator import PointIndex
from onegrid.county.grids.services.tree import Planted
from onegrid.county.organisations.selectors import DepartmentInfo
from onegrid.county.workforce.models import Appointment, Position
from onegrid.county.workforce.rules.section import DEPARTMENT, PositionSpec, WorkforcePart
from onegrid.county.workforce.rules.terms import last_day
from onegrid.foundation.accounts.models import User
from onegrid.shell.demo import names
from onegrid.shell.demo.lattice import Ints
from onegrid.shell.demo.ledger import insert_models
from onegrid.shell.demo.planting import World


@dataclass(frozen=True)
class Seat:
    """One appointment to be: a position in a grid or a department."""

    position: PositionSpec
    grid: Planted | None = None
    department: DepartmentInfo | None = None


def staff(
    world: World, part: WorkforcePart, departments: Sequence[DepartmentInfo], *, seed: int, scale: float, now: datetime,
    first: Sequence[DepartmentInfo],
) -> None:  # fmt: skip
    """Create people and appointments for every seat, the demonstration's own accounts (without a password) among them.

    ``first`` are the departments whose officers get such accounts.
    """
    rng = np.random.default_rng([seed, 6])
    seats = list(_seats(world, part, departments, scale))
    chosen = _demo_seats(world, seats, first)
    users = _users(rng, len(seats), now)
    for role, at in chosen.items():
        users[at].username = role
    insert_models(User, users)
    positions = {row.key: row for row in Position.objects.all()}
    today = now.date()
    insert_models(
        Appointment,
        [_appointment(rng, seat, user, positions, today) for seat, user in zip(seats, users, strict=True)],
    )


def _users(rng: np.random.Generator, count: int, now: datetime) -> list[User]:
    return [
        User(
            username=f"u{number + 1:05d}", password="", display_name=name, phone=names.staff_phone(number),
            is_active=True, created_at=now,
        )
        for number, name in enumerate(names.people(rng, count))
    ]  # fmt: skip


def _appointment(
    rng: np.random.Generator, seat: Seat, user: User, positions: Mapping[str, Position], today: date
) -> Appointment:
    position = seat.position
    # Everybody began within the running term, so that no demonstration appointment has lapsed.
    longest = max(1, position.term_years or 3) * 365 - 40
    began = today - timedelta(days=int(rng.integers(30, longest)))
    chosen = position.chosen_by[int(rng.integers(len(position.chosen_by)))] if position.chosen_by else "appointed"
    return Appointment(
        user=user, position=positions[position.key], grid_id=seat.grid.id if seat.grid else None,
        department_id=seat.department.id if seat.department else None,
        scope_path=seat.grid.scope_path if seat.grid else seat.department.seat if seat.department else paths.ROOT,
        chosen_by=chosen, valid_from=began, valid_to=last_day(began, position.term_years),
    )  # fmt: skip


def _seats(world: World, part: WorkforcePart, departments: Sequence[DepartmentInfo], scale: float) -> Iterator[Seat]:
    """Every seat of every position; a published total is scaled and spread, one at least."""
    for position in part.positions:
        if DEPARTMENT in position.at:
            for department in departments:
                if department.handles:
                    yield from [Seat(position, department=department)] * max(1, min(position.headcount, 2))
        grids = [grid for level in position.at if level != DEPARTMENT for grid in grids_of_level(world, level)]
        if not grids:
            continue
        if position.count:
            wanted = max(1, round(position.count * scale))
            for number in range(wanted):
                yield Seat(
                    position,
                    grid=grids[number * len(grids) // wanted] if wanted < len(grids) else grids[number % len(grids)],
                )
            continue
        for grid in grids[:: position.every]:
            yield from [Seat(position, grid=grid)] * position.headcount


def grids_of_level(world: World, name: str) -> tuple[Planted, ...]:
    """The planted grids of a level named as in roles: a division, a scheme's level, or scheme.level.

    A level whose cells are households is answered with the level above it: that is where its people sit.
    """
    land = world.land
    for at, rows in enumerate(land.division_rows):
        if rows[0].level == name:
            return world.grids[at]
    scheme_key, _, level_key = name.rpartition(".")
    found: list[Planted] = []
    for number, scheme in enumerate(land.plan.schemes):
        if scheme_key and scheme.key != scheme_key:
            continue
        for position, level in enumerate(scheme.levels):
            if level.key == level_key:
                found += _drawn_at(world, number, position)
    return tuple(found)


def _drawn_at(world: World, scheme: int, position: int) -> tuple[Planted, ...]:
    """The grids of one level of a scheme: drawn ones, the divisions it stands for, or what lies above households."""
    land = world.land
    for at, drawn in enumerate(land.levels):
        if drawn.scheme == scheme and drawn.level == position:
            return world.grids[at]
    level = land.plan.schemes[scheme].levels[position]
    if level.division:
        for at, rows in enumerate(land.division_rows):
            if rows[0].level == level.division:
                reach = {int(row) for row in _rows_covered(world, scheme, at)}
                return tuple(grid for row, grid in enumerate(world.grids[at]) if row in reach)
    return _drawn_at(world, scheme, position - 1) if position else ()


def _rows_covered(world: World, scheme: int, at: int) -> Ints:
    """Rows of a division level that a scheme's first drawn level reaches; all when it draws none."""
    land = world.land
    drawn = [level for level in land.levels if level.scheme == scheme]
    owner = land.levels[at].piece_owner
    return np.unique(owner[drawn[0].piece_owner >= 0]) if drawn else np.unique(owner[owner >= 0])


def _demo_seats(world: World, seats: Sequence[Seat], first: Sequence[DepartmentInfo]) -> dict[str, int]:
    """Which seats the demonstration accounts take, by role."""
    centre = centre_leaf(world)
    chain = set(paths.ancestors(centre.scope_path))
    taken: dict[str, int] = {}

    def take(role: str, key: str, *wanted: str) -> None:
        """The seat on the centre's chain of the base pack's position, else one with the duties."""
        free = [
            at for at, seat in enumerate(seats)
            if at not in taken.values() and seat.grid is not None and seat.grid.scope_path in chain
        ]  # fmt: skip
        fitting = [at for at in free if seats[at].position.key == key]
        fitting += [at for at in free if set(wanted) <= set(seats[at].position.duties)]
        if fitting:
            taken[role] = fitting[0]

    take("dispatcher", "dispatcher", "triage", "supervise")
    take("township", "township_dispatcher", "triage")
    take("secretary", "secretary", "whistle")
    take("inspector", "inspector", "verify")
    take("commander", "commander", "command")
    take("admin", "administrator", "administer")
    # A worker with a beat of some size: one household's neighbour would wait long for a case of his own.
    workers = [
        at for at, seat in enumerate(seats)
        if at not in taken.values() and seat.grid is not None and seat.grid.scope_path in chain
        and {"report", "handle"} <= set(seat.position.duties) and "worker" in seat.position.faces
        and "triage" not in seat.position.duties
    ]  # fmt: skip
    workers.sort(key=lambda at: seats[at].position.kind != "worker")
    if workers:
        taken["worker"] = workers[0]
    for role, department in zip(("officer", "officer2"), first, strict=False):
        at = next(
            (
                at
                for at, seat in enumerate(seats)
                if seat.department is not None and seat.department.id == department.id
            ),
            None,
        )
        if at is not None:
            taken[role] = at
    order = ("dispatcher", "township", "secretary", "worker", "officer", "officer2", "inspector", "commander", "admin")
    return {role: taken[role] for role in order if role in taken}


def centre_leaf(world: World) -> Planted:
    """The smallest grid at the centre of the map, in the first scheme that reaches it."""
    land = world.land
    deepest = {level.scheme: at for at, level in enumerate(land.levels)}
    # Schemes in the pack's order, divisions (-1) last.
    for _, at in sorted(deepest.items(), key=lambda item: (item[0] < 0, item[0])):
        outline = land.levels[at].outline
        row = PointIndex(np.arange(len(outline)), outline).locate(land.plan.lon, land.plan.lat)
        if row is not None:
            return world.grids[at][row]
    raise ValueError("the centre of the map lies outside the locality")
