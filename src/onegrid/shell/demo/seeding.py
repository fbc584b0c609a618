"""Fills one locality with a synthetic county: land, catalogue, people, two years of cases, and the open ones of today.

Each stage is one transaction and is skipped when its result is there, so an interrupted run goes on where it
stopped and a second run changes nothing but the passwords asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from onegrid.cases.models import Case
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.grids.services import calendar
from onegrid.county.matters import selectors as matters
from onegrid.county.organisations import selectors as organisations
from onegrid.county.workforce.models import Appointment
from onegrid.county.workforce.rules.section import WorkforcePart
from onegrid.foundation.accounts.models import ApiKey, Resident, User
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.kernel.clock import read_clock
from onegrid.foundation.packs import LoadedPack
from onegrid.insight.assessment.rules.section import AssessmentPart
from onegrid.shell import wiring
from onegrid.shell.demo import blueprint, casting, land, names, planting, prints, staffing
from onegrid.shell.demo.album import Album
from onegrid.shell.demo.history import History
from onegrid.shell.demo.ledger import insert_models
from onegrid.shell.demo.targets import targets
from onegrid.shell.sections import load_pack

Progress = Callable[[str, float], None]
OPEN_CASES = 72
_RESIDENTS = 160
_ROLES = ("dispatcher", "township", "secretary", "worker", "officer", "officer2", "inspector", "commander", "admin")
_KEY_LABEL = "demo"


class DemoPasswordMissing(RuntimeError):
    """ONEGRID_DEMO_PASSWORD is not set: the demonstration has no password of its own in code."""


@dataclass(frozen=True)
class DemoAccount:
    """One sign-in of the demonstration."""

    role: str
    username: str
    password: str
    name: str
    title: str
    place: str


@dataclass(frozen=True)
class DemoResult:
    """What the demonstration offers: staff sign-ins and a key for connected systems."""

    accounts: list[DemoAccount]
    open311_key: str


def seed(locality: str, scale: float, seed: int, progress: Progress, *, now: datetime | None = None) -> DemoResult:
    """Fill the locality; ``scale`` 1 is life size. The same seed, scale and time give the same county.

    ``progress`` is told what happens and which part of all is done. Raises DemoPasswordMissing, and what loading
    the pack raises.
    """
    now = now or read_clock()
    password = os.environ.get("ONEGRID_DEMO_PASSWORD", "")
    if not password:
        raise DemoPasswordMissing("set ONEGRID_DEMO_PASSWORD to the password of the demonstration accounts")
    pack = load_pack(Path(settings.ONEGRID_LOCALITIES), locality)
    _land(locality, pack, scale, seed, progress, now)
    progress("history", 0.4)
    _history(locality, pack, scale, seed, progress, now)
    progress("accounts", 0.97)
    with in_locality(locality, "demo"):
        result = DemoResult(_accounts(password), _key(now))
    progress("done", 1.0)
    return result


def _land(locality: str, pack: LoadedPack, scale: float, seed: int, progress: Progress, now: datetime) -> None:
    """Divisions, grids, map, registers, catalogue, staff and residents: one stage, because people sit in grids."""
    with in_locality(locality, "demo"):
        if grids.map_version() and User.objects.exists():
            wiring.apply_pack(pack, now=now)
            return
        part = pack.section("grids", GridsPart)
        progress("land", 0.02)
        drawn = land.draw(blueprint.land_plan(part, scale), seed)
        progress("grids", 0.1)
        calendar.seed_calendar(now.year - 2, now.year + 1)
        calendar.seed_provisional(now.year + 1)
        world = planting.plant(drawn, part, seed, now)
        progress("map", 0.18)
        planting.furnish(world, seed, now)
        progress("catalogue", 0.24)
        wiring.apply_pack(pack, now=now)
        progress("people", 0.3)
        # By code: keys differ from server to server, and so would who sits where.
        departments = sorted(organisations.departments(), key=lambda one: one.code)
        staffing.staff(
            world, pack.section("workforce", WorkforcePart), departments, seed=seed, scale=scale, now=now,
            first=busiest(departments),
        )  # fmt: skip
        _residents(seed, now, max(_RESIDENTS, round(drawn.plan.households * 0.02)))


def busiest(departments: list[organisations.DepartmentInfo]) -> list[organisations.DepartmentInfo]:
    """Handling departments, those that lead most matters first: their officers demonstrate the work."""
    leads: dict[str, int] = {}
    for matter in matters.catalogue().matters:
        leads[matter.lead] = leads.get(matter.lead, 0) + 1
    return sorted((one for one in departments if one.handles), key=lambda one: (-leads.get(one.code, 0), one.code))


def _residents(seed: int, now: datetime, count: int) -> None:
    rng = np.random.default_rng([seed, 7])
    count = min(count, 10_000)
    keys_of = [rng.bytes(16) for _ in range(count)]
    insert_models(
        Resident,
        [
            Resident(id=casting.uuid_of(key), phone=names.resident_phone(number), name=name, created_at=now)
            for number, (key, name) in enumerate(zip(keys_of, names.people(rng, count), strict=True))
        ],
    )


def _history(locality: str, pack: LoadedPack, scale: float, seed: int, progress: Progress, now: datetime) -> None:
    """Closed cases in one transaction, then the open ones; tallies are folded at the end."""
    with in_locality(locality, "demo"):
        if Case.objects.exists():
            return
        part = pack.section("grids", GridsPart)
        published = {one.key: float(one.value) for one in pack.section("assessment", AssessmentPart).figures}
        wanted = targets(published, blueprint.households(part), scale)
        album = Album(*prints.make())
        telling = History(seed=seed, now=now, album=album, near=(part.lon, part.lat))
        telling.closed(wanted, lambda done, all_: progress("history", 0.4 + 0.5 * done / all_))
        progress("open cases", 0.92)
        telling.open(OPEN_CASES)
    with in_locality(locality, "fold"):
        while tallies.fold():
            pass


def _accounts(password: str) -> list[DemoAccount]:
    """The demonstration's sign-ins with the password asked for."""
    users = {user.username: user for user in User.objects.filter(username__in=_ROLES)}
    encoded = make_password(password)
    found = []
    for role in _ROLES:
        user = users.get(role)
        if user is None:
            continue
        if not user.password or not check_password(password, user.password):
            User.objects.filter(pk=user.pk).update(password=encoded, must_change=False)
        seat = Appointment.objects.select_related("position", "grid", "department").filter(user=user).first()
        place = (
            "" if seat is None else seat.department.name_zh if seat.department else seat.grid.name if seat.grid else ""
        )
        found.append(
            DemoAccount(role, role, password, user.display_name, seat.position.title_zh if seat else "", place)
        )
    return found


def _key(now: datetime) -> str:
    """A fresh Open311 key; the one of an earlier run is revoked, for its plain form is not kept."""
    ApiKey.objects.filter(kind="open311", label=_KEY_LABEL, revoked_at=None).update(revoked_at=now)
    _, plain = keys.make(user_id=None, kind="open311", label=_KEY_LABEL, now=now)
    return plain
