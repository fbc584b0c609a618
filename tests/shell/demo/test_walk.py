"""What a visitor does first: report at the centre of the map and walk the case to its stars with the demo accounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import detail
from onegrid.cases.selectors import setting as settings_of_the_place
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.selectors import places
from onegrid.county.matters import selectors as matters
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.models import Resident, User
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.files import services as files
from onegrid.foundation.files.services.photos import Upload
from onegrid.shell.demo import casting, pictures, seed

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PACKS = Path(__file__).resolve().parents[2] / "support" / "packs"


class Visitor:
    """Signs in as one demo account after the other and takes steps through the engine's door."""

    def __init__(self, locality: str) -> None:
        self.locality, self.now, self.actors = locality, NOW, {}
        with in_locality(locality, "demo"):
            for user in User.objects.exclude(password=""):
                [hat] = workforce.hats_of(user.pk, NOW.date())
                self.actors[user.username] = Actor(
                    kind="staff", user_id=user.pk, name=user.display_name, position=hat.title_zh, unit=hat.place,
                    scope_path=hat.scope_path, department_id=hat.department_id, department_path=hat.department_path,
                    duties=hat.duties,
                )  # fmt: skip
            self.actors["resident"] = casting.resident_actor(Resident.objects.order_by("pk")[0].pk)

    def standing(self, who: Actor) -> Standing:
        if who.kind == "resident":
            return Standing(self.locality, "", "resident", person=str(who.resident_id))
        if who.department_path:
            return Standing(self.locality, "", "department", department=who.department_path)
        return Standing(self.locality, who.scope_path)

    def report(self, role: str, matter: str, channel: str) -> dict[str, Any]:
        who = self.actors[role]
        with acting(self.standing(who)):
            report = Report(
                key=uuid4(), words="门口有一堆东西没人管", lon=119.0, lat=26.0, matter=matter, channel=channel
            )
            return intake.report(actor=who, report=report, now=self.now).body

    def act(self, role: str, case: dict[str, Any], action: str, **data: Any) -> dict[str, Any]:
        self.now += timedelta(minutes=3)
        who = self.actors[role]
        with acting(self.standing(who)):
            seen = detail.detail(who, UUID(case["id"]), now=self.now)
            offers = {offer["action"]: offer for offer in seen["actions"]}
            assert action in offers, (role, action, sorted(offers))
            offer = offers[action]
            filled = {**self.filled(who, offer["fields"]), **data}
            return engine.act(
                actor=who, case_id=UUID(case["id"]), action=action, key=str(uuid4()), now=self.now, data=filled,
                assignment=offer["assignment"],
            )  # fmt: skip

    def filled(self, who: Actor, fields: list[dict[str, Any]]) -> dict[str, Any]:
        """What the form insists on: words, a drawn picture, every item of a checklist, the first choice."""
        said: dict[str, Any] = {}
        for field in fields:
            if not field["required"]:
                continue
            options = [option["key"] for option in field["options"]]
            if field["kind"] == "photos":
                upload = Upload(pictures.picture(1), "evidence", str(uuid4()))
                photo, _ = files.take_in(upload, sender=who.word, now=self.now)
                said[field["name"]] = [str(photo.pk)]
            elif field["kind"] == "choices":
                said[field["name"]] = options
            elif field["kind"] == "choice":
                said[field["name"]] = options[0]
            elif field["kind"] == "bool":
                said[field["name"]] = True
            elif field["kind"] == "text":
                said[field["name"]] = "已处理"
        return said


@pytest.fixture
def visitor(locality: str, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Visitor:
    settings.ONEGRID_LOCALITIES = PACKS
    settings.ONEGRID_FILES = tmp_path
    monkeypatch.setenv("ONEGRID_DEMO_PASSWORD", "a-password-for-tests")
    places.forget()
    matters.forget()
    settings_of_the_place.forget()
    seed(locality, 0.2, 5, lambda what, share: None, now=NOW)
    return Visitor(locality)


def matter_of(visitor: Visitor) -> str:
    """A matter that the officer's department leads."""
    department = visitor.actors["officer"].department_id
    with in_locality(visitor.locality, "demo"):
        path = grids.locate(119.0, 26.0).leaf.scope_path
        cast = casting.gather()
        return next(one.code for one in matters.catalogue().matters if cast.lead_for(one, path) == department)


def test_a_residents_report_reaches_its_stars_by_the_demo_accounts(visitor: Visitor) -> None:
    case = visitor.report("resident", matter_of(visitor), "snap")
    with in_locality(visitor.locality, "demo"):
        rules = matters.matter(case["matter"]["code"])
    if rules is not None and rules.verify_before_accept:
        visitor.act("inspector", case, "check_report", real=True)
    visitor.act("dispatcher", case, "accept")
    visitor.act("dispatcher", case, "dispatch", department=str(visitor.actors["officer"].department_id))
    visitor.act("officer", case, "take")
    state = visitor.act("officer", case, "handle")
    while state["status"] == "handling":
        state = visitor.act("officer", case, "handle")
    if rules is not None and rules.verify_before_close:
        visitor.act("inspector", case, "verify_pass")
    visitor.act("dispatcher", case, "close")
    assert visitor.act("resident", case, "rate", stars=5)["status"] == "rated"


def test_what_the_worker_reports_lands_on_the_secretarys_desk(visitor: Visitor) -> None:
    case = visitor.report("worker", matter_of(visitor), "patrol")
    called = visitor.act("secretary", case, "whistle", departments=[str(visitor.actors["officer"].department_id)])
    assert called["status"] == "dispatched"
    visitor.act("officer", case, "report_in")
    visitor.act("secretary", case, "confirm_arrival", present=True)
