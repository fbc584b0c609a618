"""A draft's whole way: begun in a township, sent, approved by the county, in force; everything follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from support.drafting import Office, outline_of
from support.households import signed_in
from support.people import Api, counted_queries
from support.world import World

from onegrid.cases.models import Case
from onegrid.county.grids import selectors, surroundings
from onegrid.county.grids.models import Grid, GridOutline, GridSuccession
from onegrid.county.grids.permissions import may_draw
from onegrid.county.grids.rules import tiling
from onegrid.county.registers.models import Building, Household
from onegrid.county.workforce.models import Appointment, Position
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow
from onegrid.foundation.kernel.errors import Forbidden, NotSignedIn

LAMP = "TL-C0203"


def test_a_split_goes_from_the_township_to_the_county_and_everything_follows(office: Office) -> None:
    lon, lat = office.at(0.75), office.middle[1]
    report = {"key": str(uuid4()), "words": "路灯不亮", "lon": lon, "lat": lat, "matter": LAMP, "channel": "desk"}
    case = office.dispatcher.post("/cases", report).json()["id"]
    draft = office.begin()
    assert (draft["state"], draft["step"], draft["faults"], draft["stale"]) == ("open", 0, 0, False)
    assert {level["level"]: level["before"] for level in draft["levels"]} == {"block": 2, "building": 2}
    edited = office.cut(draft["id"]).json()
    assert (edited["step"], edited["last"], edited["removed"]) == (1, "split", [f"g{office.leaf.id}"])
    assert [cell["properties"]["households"] for cell in office.cells(draft["id"]) if cell["id"][0] == "n"] == [1, 1]
    assert "decide" not in edited["may"]
    decided = office.approve(draft["id"])
    assert decided.json()["state"] == "approved", decided.content
    with in_locality(office.locality):
        assert Grid.objects.get(pk=office.leaf.id).active, "it holds from the background's next round"
        version = selectors.map_version()
    assert office.night() == 1
    with in_locality(office.locality):
        old = Grid.objects.get(pk=office.leaf.id)
        assert (old.active, GridOutline.objects.get(grid=old).valid_to is not None) == (False, True)
        west, east = (selectors.locate(office.at(share), lat).leaf for share in (0.25, 0.75))
        assert {west.name, east.name} == {"西楼", "东楼"}
        assert selectors.map_version() == version + 1
        assert Case.objects.get(pk=case).scope_path == east.scope_path
        places = dict(Building.objects.values_list("name", "scope_path"))
        assert places == {"西街1号": west.scope_path, "东街1号": east.scope_path}
        assert set(Household.objects.values_list("scope_path", flat=True)) == {west.scope_path, east.scope_path}
        assert {row.successor_id for row in GridSuccession.objects.filter(predecessor=old)} == {west.id, east.id}
        siblings = Grid.objects.filter(parent=old.parent, active=True)
        shapes = [outline_of(grid) for grid in siblings]
        whole = outline_of(old.parent)
        assert not tiling.faults(whole, shapes)
        codes = sorted(siblings.values_list("code", flat=True))
        assert len(set(codes)) == 3
        assert old.code not in codes
        done = AuditRow.objects.filter(action__startswith="draft.").values_list("action", flat=True)
        assert {"draft.begin", "draft.send", "draft.approve", "draft.apply"} <= set(done)
    history = Api(office.locality).get(f"/grids/{office.leaf.id}/history").json()
    assert {one["name"] for one in history["became"]} == {"西楼", "东楼"}
    shape = Api(office.locality).get(f"/grids/{office.leaf.id}/outline").json()
    assert shape["geometry"]["type"] == "Polygon"
    assert office.township.get(f"/grids/drafts/{draft['id']}").json()["state"] == "applied"


def test_whoever_led_a_retired_grid_leads_the_one_that_took_most_of_it(office: Office) -> None:
    with in_locality(office.locality):
        position = Position.objects.filter(active=True, at__contains=["building"]).first()
        position = position or Position.objects.create(
            key="keeper", title_zh="楼长", title_en="Keeper", kind="leader", at=["town.building"], duties=["report"],
            faces=["worker"], ordinal=99,
        )  # fmt: skip
        Appointment.objects.filter(grid_id=office.leaf.id).delete()
        held = Appointment.objects.create(
            user_id=office.world.people[0].actor.user_id, position=position, grid_id=office.leaf.id,
            scope_path=office.leaf.scope_path, valid_from=date(2026, 1, 1), valid_to=date(2040, 12, 31),
        )  # fmt: skip
    draft = office.begin()["id"]
    office.cut(draft, 0.3)
    shown = office.township.get(f"/grids/drafts/{draft}/preview").json()
    [moving] = shown["appointments"]
    assert (moving["what"], moving["to"]) == ("moves", "西楼"), "the larger piece is the first, and has the first name"
    assert [one["cell"] for one in shown["vacant"]] == ["东楼"]
    assert shown["moved"] == {"households": 2, "residents": 4, "open_cases": 0, "appointments": 1}
    office.approve(draft)
    office.night()
    with in_locality(office.locality):
        held.refresh_from_db()
        assert held.ended_reason == "reorganised"
        now = Appointment.objects.get(user_id=held.user_id, position=position, ended_on=None)
        assert now.grid.name == "西楼"
        assert (now.valid_from, now.valid_to) == (held.ended_on, date(2040, 12, 31))
        again = Appointment.objects.count()
    office.night(datetime.now(UTC) + timedelta(minutes=6))
    with in_locality(office.locality):
        assert Appointment.objects.count() == again, "heard twice is done once"


def test_who_may_what(office: Office, world: World) -> None:
    with in_locality(office.locality):
        elsewhere = signed_in(office.locality, world.staff("secretary"))
    draft = office.begin()["id"]
    assert elsewhere.get("/grids/drafts").status_code == 403
    assert elsewhere.get(f"/grids/drafts/{draft}").status_code == 403
    outside = office.township.post(
        "/grids/drafts", {"grid": world.planted["990101"].id, "scheme": "town", "title": "全县"}
    )
    assert (outside.status_code, outside.json()["code"]) == (422, "not_drawable")
    above = office.begin(office.county)["id"]
    assert {one["id"] for one in office.township.get("/grids/drafts").json()["items"]} == {draft, above}
    county_wide = office.county.post("/grids/drafts", {"grid": world.planted["990101"].id, "scheme": "town"}).json()
    assert office.township.get(f"/grids/drafts/{county_wide['id']}").status_code == 404
    office.cut(draft)
    early = office.county.post(f"/grids/drafts/{draft}/decide", {"approve": True})
    assert (early.status_code, early.json()["code"]) == (409, "draft_closed")
    office.township.post(f"/grids/drafts/{draft}/send")
    assert office.township.post(f"/grids/drafts/{draft}/decide", {"approve": True}).status_code == 403
    assert office.cut(draft).status_code == 409, "what was sent is not changed"
    wordless = office.county.post(f"/grids/drafts/{draft}/decide", {"approve": False})
    assert wordless.json()["fields"][0]["field"] == "reason"
    assert office.township.post(f"/grids/drafts/{draft}/recall").json()["state"] == "open"
    office.township.post(f"/grids/drafts/{draft}/send")
    refused = office.county.post(f"/grids/drafts/{draft}/decide", {"approve": False, "reason": "边界不清"}).json()
    assert (refused["state"], refused["decision"]) == ("refused", "边界不清")
    assert office.township.post(f"/grids/drafts/{draft}/drop").json()["state"] == "dropped"
    assert draft not in {one["id"] for one in office.township.get("/grids/drafts").json()["items"]}
    assert [one["id"] for one in office.township.get("/grids/drafts?state=dropped").json()["items"]] == [draft]


def test_a_day_to_come_is_waited_for_and_a_day_over_is_refused(office: Office) -> None:
    draft = office.begin()["id"]
    office.cut(draft)
    with in_locality(office.locality):
        today = surroundings.day_of(datetime.now(UTC))
    office.township.post(f"/grids/drafts/{draft}/send")
    over = office.county.post(
        f"/grids/drafts/{draft}/decide", {"approve": True, "effective_on": str(today - timedelta(days=1))}
    )
    assert over.status_code == 422
    later = office.county.post(
        f"/grids/drafts/{draft}/decide", {"approve": True, "effective_on": str(today + timedelta(days=2))}
    )
    assert later.json()["state"] == "approved"
    assert office.night() == 0
    assert office.night(datetime.now(UTC) + timedelta(days=2)) == 1


def test_grids_that_changed_meanwhile_are_not_overwritten(office: Office) -> None:
    first, second = office.begin()["id"], office.begin()["id"]
    office.cut(first)
    office.cut(second, 0.3)
    office.township.post(f"/grids/drafts/{second}/send")
    office.county.post(f"/grids/drafts/{second}/decide", {"approve": True})
    office.approve(first)
    assert office.night() == 1
    stale = office.township.get(f"/grids/drafts/{first}").json()
    assert (stale["state"], stale["stale"]) == ("open", True)
    assert stale["failure"]
    again = office.township.post(f"/grids/drafts/{first}/send")
    assert (again.status_code, again.json()["code"]) == (409, "draft_stale")


def test_a_list_asks_as_often_for_many_as_for_one(office: Office) -> None:
    office.begin()
    office.township.get("/grids/drafts")
    with counted_queries() as few:
        office.township.get("/grids/drafts")
    for _ in range(5):
        office.begin()
    with counted_queries() as many:
        items = office.township.get("/grids/drafts").json()["items"]
    assert (len(items), len(many)) == (6, len(few))


def test_the_plan_says_what_may_be_drawn(office: Office) -> None:
    plan = office.township.get(f"/grids/drafts/plan?grid={office.village.id}").json()
    town = next(one for one in plan["schemes"] if one["scheme"] == "town")
    assert [(one["level"], one["grids"], one["size"]) for one in town["levels"]] == [
        ("block", 2, 1.0),
        ("building", 2, 12),
    ]
    assert (plan["households"], plan["residents"], plan["buildings"]) == (2, 4, 2)


def test_only_staff_with_the_duty_or_the_administrator_draw() -> None:

    may_draw(Actor(kind="staff", duties=frozenset({"draw"}), scope_path="r.1."))
    for actor in (
        Actor(kind="staff", duties=frozenset({"triage"}), scope_path="r.1."),
        Actor(kind="staff", duties=frozenset({"draw"}), scope_path="", department_path="d.1."),
        Actor(kind="resident", duties=frozenset({"draw"}), scope_path="r.1."),
    ):
        with pytest.raises(Forbidden):
            may_draw(actor)
    with pytest.raises(NotSignedIn):
        may_draw(Actor(kind="anonymous"))
