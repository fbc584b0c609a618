"""Loads positions from a pack; appoints, ends and replaces. Nothing is deleted, an appointment ends with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import GridNotFound
from onegrid.county.grids.models import Grid
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.organisations import selectors as organisations
from onegrid.county.workforce.errors import (
    AlreadyEnded,
    AlreadyHeld,
    AppointmentNotFound,
    UnknownPosition,
    UnknownReason,
    WrongPlace,
)
from onegrid.county.workforce.events import Appointed, AppointmentEnded
from onegrid.county.workforce.models import Appointment, Position
from onegrid.county.workforce.rules.section import DEPARTMENT, WorkforcePart
from onegrid.county.workforce.rules.terms import REASONS, fits, last_day
from onegrid.county.workforce.selectors import PEOPLE
from onegrid.foundation.database.stamps import stamp
from onegrid.foundation.packs import LoadedPack

FIELDS = (
    "title_zh",
    "title_en",
    "kind",
    "at",
    "duties",
    "faces",
    "headcount",
    "term_years",
    "chosen_by",
    "ordinal",
    "active",
)


def apply(pack: LoadedPack) -> tuple[int, int]:
    """Make the positions say what the pack says; returns how many are in force and how many left.

    Appointments to a position that left stay; it is inactive and gives no hat. Runs in the caller's transaction.
    """
    part = pack.section("workforce", WorkforcePart)
    known = {row.key: row for row in Position.objects.all()}
    fresh: list[Position] = []
    for ordinal, spec in enumerate(part.positions):
        row = known.get(spec.key) or Position(key=spec.key)
        row.title_zh, row.title_en, row.kind, row.ordinal = spec.title.zh, spec.title.en, spec.kind, ordinal
        row.at, row.duties, row.faces = list(spec.at), list(spec.duties), list(spec.faces)
        row.headcount, row.term_years, row.chosen_by, row.active = (
            spec.headcount,
            spec.term_years,
            list(spec.chosen_by),
            True,
        )
        if row.pk is None:
            fresh.append(row)
    left = [row for key, row in known.items() if row.active and key not in {spec.key for spec in part.positions}]
    for row in left:
        row.active = False
    stamp(PEOPLE)
    Position.objects.bulk_create(fresh)
    Position.objects.bulk_update(known.values(), FIELDS)
    return len(part.positions), len(left)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An appointment to be made; exactly one of grid and department."""

    user: int
    position: str
    valid_from: date
    grid: int | None = None
    department: int | None = None
    valid_to: date | None = None
    chosen_by: str = "appointed"


def appoint(draft: Draft) -> Appointed:
    """Make one appointment; without an end it runs for the position's term.

    Raises UnknownPosition, WrongPlace, AlreadyHeld. Runs in the caller's transaction; the place must lie in his scope.
    """
    position = Position.objects.filter(key=draft.position, active=True).first()
    if position is None:
        raise UnknownPosition()
    path = _path(draft, position)
    place = {"grid_id": draft.grid} if draft.department is None else {"department_id": draft.department}
    same = Appointment.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=draft.valid_from),
        Q(**place),
        user_id=draft.user,
        position=position,
        ended_on=None,
    )
    if same.exists():
        raise AlreadyHeld()
    stamp(PEOPLE)
    row = Appointment.objects.create(
        user_id=draft.user,
        position=position,
        grid_id=draft.grid,
        department_id=draft.department,
        scope_path=path,
        chosen_by=draft.chosen_by,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to or last_day(draft.valid_from, position.term_years),
    )
    return Appointed(row.pk, draft.user, position.key, path, draft.valid_from)


def appoint_many(drafts: Iterable[Draft]) -> int:
    """Many appointments at once, for imports and synthetic counties; positions and places are trusted to fit.

    Returns how many were made. Raises UnknownPosition and WrongPlace for what does not exist.
    """
    wanted = list(drafts)
    positions = {row.key: row for row in Position.objects.filter(active=True)}
    used = {draft.grid for draft in wanted if draft.grid is not None}
    paths = dict(Grid.objects.filter(pk__in=used).values_list("pk", "scope_path"))
    seats = {item.id: item.seat for item in organisations.departments()}
    rows = []
    for draft in wanted:
        position = positions.get(draft.position)
        if position is None:
            raise UnknownPosition()
        path = paths.get(draft.grid) if draft.grid is not None else seats.get(draft.department or 0)
        if path is None:
            raise WrongPlace()
        rows.append(
            Appointment(
                user_id=draft.user,
                position=position,
                grid_id=draft.grid,
                department_id=draft.department,
                scope_path=path,
                chosen_by=draft.chosen_by,
                valid_from=draft.valid_from,
                valid_to=draft.valid_to or last_day(draft.valid_from, position.term_years),
            )
        )
    stamp(PEOPLE)
    return len(Appointment.objects.bulk_create(rows, batch_size=2000))


def end(appointment_id: int, *, on: date, reason: str) -> AppointmentEnded:
    """End an appointment: from ``on`` it no longer holds. Raises AppointmentNotFound, AlreadyEnded, UnknownReason."""
    if reason not in REASONS:
        raise UnknownReason()
    row = (
        Appointment.objects.select_for_update(of=("self",)).select_related("position").filter(pk=appointment_id).first()
    )
    if row is None:
        raise AppointmentNotFound()
    if row.ended_on is not None:
        raise AlreadyEnded()
    row.ended_on, row.ended_reason = max(on, row.valid_from), reason
    row.save(update_fields=["ended_on", "ended_reason"])
    stamp(PEOPLE)
    return AppointmentEnded(row.pk, row.user_id, row.position.key, row.scope_path, row.ended_on, reason)


def replace(
    appointment_id: int, *, user: int, on: date, chosen_by: str = "appointed"
) -> tuple[AppointmentEnded, Appointed]:
    """End one person's appointment and give the same position in the same place to another from the same day."""
    ended = end(appointment_id, on=on, reason="replaced")
    row = Appointment.objects.select_related("position").get(pk=appointment_id)
    begun = appoint(
        Draft(
            user=user,
            position=row.position.key,
            grid=row.grid_id,
            department=row.department_id,
            valid_from=on,
            chosen_by=chosen_by,
        )
    )
    return ended, begun


def _path(draft: Draft, position: Position) -> str:
    """The scope path of the place; raises WrongPlace when the position does not sit there."""
    if (draft.grid is None) == (draft.department is None):
        raise WrongPlace()
    if draft.department is not None:
        department = organisations.department(draft.department)
        if department is None or not department.active or DEPARTMENT not in position.at:
            raise WrongPlace("department")
        return department.seat
    try:
        grid = grids.grid(draft.grid or 0)
    except GridNotFound:
        raise WrongPlace("grid") from None
    if not grid.active or not _sits(position, grid):
        raise WrongPlace("grid")
    return grid.scope_path


def _sits(position: Position, grid: grids.GridInfo) -> bool:
    """Whether the position sits in this grid. A division is also every scheme's level that it stands for there."""
    at = tuple(position.at)
    if fits(at, scheme=grid.scheme, level=grid.level):
        return True
    if grid.scheme:
        return False
    standing_for = [
        (scheme, level) for scheme in grids.schemes() for level in scheme.levels if level.division == grid.level
    ]
    end = upper_bound(grid.scope_path)
    below = Grid.objects.filter(scope_path__gte=grid.scope_path, scope_path__lt=end, active=True)
    return any(
        fits(at, scheme=scheme.key, level=level.key) and below.filter(scheme_id=scheme.id).exists()
        for scheme, level in standing_for
    )
