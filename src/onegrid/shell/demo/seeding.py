"""Fills one locality with a synthetic county: land, catalogue, people, two years of cases, and the open ones of today.

Each stage is one transaction (residents and closed cases: one for each block) and is skipped when its rows are there,
so a run that was cut off goes on where it stopped, and a second run changes nothing but the passwords asked for.
"""

from __future__ import annotations

import os
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
from onegrid.foundation.database.remember import remembering
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.kernel.clock import read_clock
from onegrid.foundation.packs import LoadedPack
from onegrid.insight.assessment.rules.section import AssessmentPart
from onegrid.shell import wiring
from onegrid.shell.demo import (
    blueprint,
    board,
    caring,
    casting,
    land,
    marks,
    names,
    planting,
    prints,
    registering,
    staffing,
    targets,
    walking,
)
from onegrid.shell.demo.album import Album
from onegrid.shell.demo.history import History
from onegrid.shell.demo.ledger import insert_models
from onegrid.shell.demo.sheets import ORDER, Sheets
from onegrid.shell.demo.stages import Progress, Stages, weights
from onegrid.shell.sections import load_pack

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

    ``progress`` is told what happens and which part of all is done. Raises DemoPasswordMissing, WasDrawnOtherwise, and
    what loading the pack raises.
    """
    now = now or read_clock()
    password = os.environ.get("ONEGRID_DEMO_PASSWORD", "")
    if not password:
        raise DemoPasswordMissing("set ONEGRID_DEMO_PASSWORD to the password of the demonstration accounts")
    pack = load_pack(Path(settings.ONEGRID_LOCALITIES), locality)
    filling = Filling(locality, pack, scale, seed, now)
    stages = Stages(filling.weights(), progress)
    filling.land(stages)
    filling.catalogue(stages)
    filling.registers(stages)
    filling.staff(stages)
    filling.history(stages)
    stages.begin("accounts")
    with in_locality(locality, "demo"):
        result = DemoResult(_accounts(password), _key(now))
        board.put_up(seed, now)
        caring.care_for(seed, now)
        walking.walk_for(seed, now)
    stages.end()
    return result


@dataclass
class Filling:
    """One run over one locality: what is drawn is drawn when the first stage asks for it, and only then."""

    locality: str
    pack: LoadedPack
    scale: float
    seed: int
    now: datetime
    _world: planting.World | None = None

    def __post_init__(self) -> None:
        self.part = self.pack.section("grids", GridsPart)
        self.plan = blueprint.land_plan(self.part, self.scale)
        told = self.pack.section("assessment", AssessmentPart).history
        self.lots = targets.lots(told, blueprint.households(self.part), self.scale)
        self.apart = frozenset(kind for lot in told if lot.open for kind in lot.cases.kinds)

    def weights(self) -> dict[str, float]:
        """How long the stages take."""
        buildings = self.plan.buildings or round(self.plan.households * 0.62)
        closed = sum(lot.closed * (0.35 if lot.cases.on_the_spot else 1) for lot in self.lots)
        return weights(self.plan.households, buildings, round(self.plan.households * 0.11), round(closed))

    def land(self, stages: Stages) -> None:
        """Grids and base map: a transaction each."""
        stages.begin("land")
        with in_locality(self.locality, "demo"):
            todo = not grids.map_version()
        if todo:
            drawn = land.draw(self.plan, self.seed)
            stages.begin("grids")
            with in_locality(self.locality, "demo"):
                calendar.seed_calendar(self.now.year - 2, self.now.year + 1)
                calendar.seed_provisional(self.now.year + 1)
                self._world = planting.plant(drawn, self.part, self.seed, self.now)
        stages.begin("map")
        with in_locality(self.locality, "demo"):
            if not planting.outlines():
                planting.furnish(self.world(), self.seed, self.now)

    def catalogue(self, stages: Stages) -> None:
        """What the pack says, first of all what the registers offer to choose from."""
        stages.begin("catalogue")
        with in_locality(self.locality, "demo"):
            wiring.apply_pack(self.pack, now=self.now)

    def registers(self, stages: Stages) -> None:
        """Buildings, homes, people, organisations and premises, imported file by file."""
        with in_locality(self.locality, "demo"):
            filled = registering.complete()
            world = self.world() if not filled else None
        sheets: Sheets | None = None
        for kind in ORDER:
            stages.begin(kind)
            if world is not None:
                buildings = world.land.buildings
                plan = blueprint.register_plan(self.part, len(buildings), int(buildings.households.sum()))
                sheets = sheets or Sheets(world, plan, self.seed, self.now.date())
                registering.fill(self.locality, sheets, kind, self.now, stages.part)

    def world(self) -> planting.World:
        """What was drawn; drawn again after an interruption, which gives the same to the last bit."""
        if self._world is None:
            self._world = planting.plant(land.draw(self.plan, self.seed), self.part, self.seed, self.now)
        return self._world

    def staff(self, stages: Stages) -> None:
        """Everybody who works here, and the residents who report."""
        stages.begin("people")
        with in_locality(self.locality, "demo"):
            if User.objects.exists():
                return
            # By code: keys differ from server to server, and so would who sits where.
            departments = sorted(organisations.departments(), key=lambda one: one.code)
            staffing.staff(
                self.world(), self.pack.section("workforce", WorkforcePart), departments, seed=self.seed,
                scale=self.scale, now=self.now, first=busiest(departments),
            )  # fmt: skip
            _residents(self.seed, self.now, max(_RESIDENTS, round(self.plan.households * 0.02)))
        self._world = None

    def history(self, stages: Stages) -> None:
        """Closed cases in blocks, a transaction each; then the open ones; tallies are folded at the end."""
        stages.begin("history")
        self._past(stages)
        stages.begin("figures")
        while self._fold():
            pass

    def _past(self, stages: Stages) -> None:
        with in_locality(self.locality, "demo"), remembering():
            if Case.objects.filter(closed_on=None).exists():
                return
            album = Album(*prints.make())
            telling = History(seed=self.seed, now=self.now, album=album, near=(self.part.lon, self.part.lat))
            blocks = telling.plan(self.lots, self.apart)
            there = set(Case.objects.filter(pk__in=[marks.block_key(self.seed, one) for one in range(len(blocks))])
                        .values_list("pk", flat=True))  # fmt: skip
        for number, orders in enumerate(blocks):
            if marks.block_key(self.seed, number) not in there:
                with in_locality(self.locality, "demo"), remembering():
                    telling.block(number, orders)
            stages.part(number + 1, len(blocks))
        stages.begin("open cases")
        with in_locality(self.locality, "demo"), remembering():
            telling.open(OPEN_CASES, self.lots)

    def _fold(self) -> int:
        with in_locality(self.locality, "fold"):
            return tallies.fold()


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
