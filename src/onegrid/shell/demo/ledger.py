"""Lives cases in memory by the engine's own rules and steps, and stores many of them at once.

A case of the past goes through the same `decide`, the same steps and the same derivation as one of today;
only the writing differs: rows are gathered and inserted in blocks. So replaying a journal gives the stored
state, and nothing about a demo case is pretended but its author.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, models

from onegrid.cases.flow import intake, settle
from onegrid.cases.flow.counting import TallyKey
from onegrid.cases.flow.intake import Report
from onegrid.cases.flow.limits import Clocks
from onegrid.cases.flow.locate import Place, first_desk
from onegrid.cases.flow.numbers import TRACK_ALPHABET, TRACK_LENGTH
from onegrid.cases.flow.table import STEPS
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Clock, Grant, Rating, SearchTerms
from onegrid.cases.permissions import Actor, viewer_of
from onegrid.cases.rules.assigning import Terms
from onegrid.cases.rules.offers import decide
from onegrid.cases.rules.record import CaseState
from onegrid.cases.rules.states import Action
from onegrid.cases.selectors import searching
from onegrid.cases.selectors.setting import Setting
from onegrid.county.matters.models import Matter
from onegrid.county.matters.selectors import ConditionInfo
from onegrid.county.organisations.models import Department
from onegrid.foundation.database.bulk import copy_rows, insert_rows, next_keys

SYSTEM = Actor(kind="system")
GONE = settle.GONE


@dataclass(frozen=True)
class Book(Setting):
    """The locality's setting with the catalogue at hand, so that a thousand steps ask the database once."""

    conditions: dict[tuple[int, int], ConditionInfo | None] = field(default_factory=dict, repr=False)
    departments: dict[int, Department] = field(default_factory=dict, repr=False)

    def condition(self, case: Case) -> ConditionInfo | None:
        """As the setting's, remembered."""
        key = (case.matter_id or 0, case.condition or 0)
        if key not in self.conditions:
            self.conditions[key] = super().condition(case)
        return self.conditions[key]

    def terms_of(self, matter_id: int, ordinal: int) -> Terms:
        """As the setting's, from what is remembered."""
        found = self.condition(Case(matter_id=matter_id, condition=ordinal))
        if found is None:
            return Terms()
        return Terms(
            str(found.limit) if found.limit else None, tuple(f"{stage.name}:{stage.limit}" for stage in found.stages)
        )


class Story:
    """One case as it is lived: begin it, take steps, and hand its rows over."""

    def __init__(self, book: Book, case_key: UUID, track_code: str, clock_keys: Iterator[int]) -> None:
        self._book = book
        self._key = case_key
        self._track = track_code
        self._clock_keys = clock_keys
        self._steps = 0
        self.work: Work
        self.actions: list[CaseAction] = []

    def begin(
        self, actor: Actor, report: Report, place: Place, address: str, matter: Matter | None, at: datetime,
        caller: tuple[UUID, str] | None = None,
    ) -> None:  # fmt: skip
        """File the report; the number is given when all stories are told.

        ``caller``: the resident staff report for, and his phone, as intake would find him by it.
        """
        local = self._book
        case = Case(
            pk=self._key, number="", track_code=self._track, scope_path=place.scope_path,
            desk_path=first_desk(place, report.channel, actor.scope_path), grid_id=place.grid_id,
            reported_grid_id=place.grid_id, matter=matter, condition=report.condition, status="reported",
            channel=report.channel, severity="urgent" if matter is not None and matter.urgent else "normal",
            title=intake._title(report.words), words=report.words, address=address, lon=report.lon, lat=report.lat,
            thumb=report.photos[0] if report.photos else None, reported_by=actor.user_id, reported_at=at,
            reported_on=local.day(at), confidential=report.confidential or bool(matter and matter.confidential),
            anonymous=report.anonymous, pack_version=local.version,
        )  # fmt: skip
        self.work = Work(
            case=case, actor=actor, setting=local, rules=local.step_rules(case, matter, place.centres), now=at,
            key=str(self._key), device_at=None, state=CaseState(),
            clocks=Clocks(case, (), calendar=local.calendar, warn_share=local.warn_share, now=at),
            assignment=None, assignments={}, centres=place.centres, reporters=[], grants=[], before=Counter(),
        )  # fmt: skip
        intake._record_report(self.work, report, place)
        if caller is not None:
            told = self.work.reporters[-1]
            told.user, told.name, (told.resident, told.phone) = None, None, caller
        if report.on_the_spot is not None:
            intake._settle_on_the_spot(self.work, report.on_the_spot)
        else:
            self.work.clocks.start("accept", self.work.accept_limit)
        self._derive()

    def step(
        self, actor: Actor, action: Action, at: datetime, data: Mapping[str, Any], assignment: UUID | None = None
    ) -> None:
        """One action by one actor at one time. Raises the CaseError that forbids it, before anything changed."""
        work = self.work
        self._steps += 1
        work.actor, work.now, work.clocks.now = actor, at, at
        work.key, work.assignment = f"{self._key}-{self._steps}", assignment
        viewer = viewer_of(actor, work.case, assignments=work.assignments.values(), reporters=work.reporters)
        decided = decide(
            work.state, action, viewer, work.rules, data, assignment=str(assignment) if assignment else None, now=at
        )
        STEPS[action](work, decided)
        self._derive()
        work.case.version += 1

    def miss(self, at: datetime) -> None:
        """The system records every running limit that has passed by now."""
        work = self.work
        work.actor, work.now, work.clocks.now, work.assignment = SYSTEM, at, at, None
        self._steps += 1
        work.key = f"{self._key}-{self._steps}"
        for clock in work.clocks.live():
            if (
                clock.state == "running"
                and clock.breached_at is None
                and clock.due_at is not None
                and clock.due_at < at
            ):
                work.record(
                    Action.BREACH, {"clock": f"{clock.kind}:{clock.pk}", "due_at": clock.due_at.isoformat()},
                    assignment=clock.assignment_id,
                )  # fmt: skip
                work.clocks.mark_breached(clock)
        self._derive()

    def due(self, *kinds: str) -> datetime | None:
        """When the earliest running clock of these kinds is due."""
        found = [clock.due_at for clock in self.work.clocks.live(*kinds) if clock.due_at is not None]
        return min(found, default=None)

    def lead(self) -> Assignment | None:
        """The leading assignment now."""
        one = self.work.state.lead
        return self.work.assignments[UUID(one.id)] if one else None

    def live(self) -> list[Assignment]:
        """Assignments that still have work to do, the lead first."""
        return [
            self.work.assignments[UUID(one.id)] for one in sorted(self.work.state.live, key=lambda one: not one.leads)
        ]

    def _derive(self) -> None:
        work = self.work
        for clock in work.clocks.all:
            if clock.pk is None:
                clock.pk = next(self._clock_keys)
        settle.derive(work)
        for one in work.state.assignments:
            row = work.assignments.get(UUID(one.id))
            if row is None:
                row = settle._new_assignment(work, one)
                if row.department_id is not None:
                    row.department = self._book.departments[row.department_id]
                work.assignments[row.pk] = row
            elif row.state != one.state:
                settle._move(row, one.state, work.now)
        self.actions += work.recorded
        work.recorded = []

    def grants(self) -> list[Grant]:
        """Which departments may see the case, since when and until when."""
        found: dict[int, Grant] = {}
        for row in self.work.assignments.values():
            if row.department_id is None:
                continue
            grant = found.get(row.department_id)
            if grant is None or row.state not in GONE:
                found[row.department_id] = Grant(
                    case=self.work.case, scope_path=self.work.case.scope_path, department_id=row.department_id,
                    department_path=self._book.departments[row.department_id].path, kind="assignment",
                    reported_at=self.work.case.reported_at,
                    granted_at=grant.granted_at if grant else row.offered_at,
                    revoked_at=row.ended_at if row.state in GONE else None,
                )  # fmt: skip
        return list(found.values())


def track_code(draw: Sequence[int]) -> str:
    """A tracking code from twelve drawn numbers."""
    return "".join(TRACK_ALPHABET[number % len(TRACK_ALPHABET)] for number in draw[:TRACK_LENGTH])


def store(stories: Sequence[Story]) -> Counter[TallyKey]:
    """Number the cases by day and insert all rows; returns what they add to the tallies."""
    ordered = sorted(stories, key=lambda story: (story.work.case.reported_at, str(story.work.case.pk)))
    _number(ordered)
    works = [story.work for story in ordered]
    total: Counter[TallyKey] = Counter()
    for story in ordered:
        for action in story.actions:
            action.scope_path = story.work.case.scope_path
        total.update(settle.counted(story.work.case, story.work.setting.zone))
    insert_models(Case, [work.case for work in works])
    # No policy lies on search terms, so they can be copied in.
    copy_rows(SearchTerms._meta.db_table, ("case_id", "reported_at", "terms"),
              (searching.remember(work.case)[1] for work in works))  # fmt: skip
    insert_models(Assignment, [row for work in works for row in work.assignments.values()])
    insert_models(CaseAction, [action for story in ordered for action in story.actions])
    insert_models(Clock, [clock for work in works for clock in work.clocks.all])
    for kind in (CaseReporter, Rating):
        insert_models(kind, [row for work in works for row in work.new_rows if isinstance(row, kind)])
    insert_models(Grant, [grant for story in ordered for grant in story.grants()])
    return total


def _number(ordered: Sequence[Story]) -> None:
    """Give case numbers in order of time, from the one sequence that numbers every case."""
    if not ordered:
        return
    with connection.cursor() as cursor:
        cursor.execute("select nextval('cases_number') from generate_series(1, %s)", [len(ordered)])
        values = sorted(int(row[0]) for row in cursor.fetchall())
        cursor.execute(
            "select day, base from cases_daynumber where day = any(%s)",
            [[one.work.case.reported_on for one in ordered]],
        )
        bases: dict[Any, int] = dict(cursor.fetchall())
        for story, value in zip(ordered, values, strict=True):
            case = story.work.case
            base = bases.setdefault(case.reported_on, value - 1)
            prefix = story.work.setting.number_prefix
            case.number = f"{prefix}{case.reported_on:%Y%m%d}-{value - base:04d}"
        cursor.executemany(
            "insert into cases_daynumber (day, base) values (%s, %s) on conflict (day) do nothing", list(bases.items())
        )


def insert_models(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert model instances in blocks, with every field's own preparation (sealing included)."""
    if not rows:
        return
    meta = model._meta
    key = meta.pk
    own_key = key.column if key is not None else None
    if isinstance(key, models.AutoField) and own_key is not None:
        waiting = [row for row in rows if row.pk is None]
        for row, number in zip(
            waiting, next_keys(meta.db_table, own_key, len(waiting)) if waiting else [], strict=True
        ):
            row.pk = number
    fields = list(meta.concrete_fields)
    readers = [_reader(column) for column in fields]
    insert_rows(
        meta.db_table, [str(column.column) for column in fields], ([read(row) for read in readers] for row in rows)
    )


def _reader(column: models.Field[Any, Any]) -> Callable[[models.Model], Any]:
    """How one column of a row is read for the insert; plain values go as they are, which is most of the work saved."""
    if isinstance(column, models.JSONField):
        return lambda row: json.dumps(getattr(row, column.attname), ensure_ascii=False)
    if isinstance(column, models.BinaryField) or getattr(column, "auto_now_add", False):
        return lambda row: column.pre_save(row, add=True)
    return attrgetter(column.attname)
