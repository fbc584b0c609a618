"""What waits for confirmation lapses after the pack's days, and whoever proposed it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.households import above, door, home, id_of, key, signed_in
from support.people import ActingAs
from support.world import World

from onegrid.county.registers import tasks
from onegrid.county.registers.models import Change
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.services import lapsing
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow


def test_what_nobody_confirmed_lapses_and_its_author_is_told(
    world: World, locality: str, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(lapsing.messages, "send", lambda to, words, **_: sent.append((to, words)))
    with in_locality(locality):
        actor = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
        person = home(door(leaf), {"name": "金丝雀一", "birth_year": 1990}).residents.get()
        user = User.objects.get(pk=actor.user_id)
        user.phone = "19000000777"
        user.save()
        worker, centre = signed_in(locality, actor), signed_in(locality, above(world, actor))
        days = choices.part().waiting_days
    for sequence in ("001", "002"):
        wanted: dict[str, Any] = {"id_number": id_of("19900101", sequence)}
        kept = worker.post(f"/register/residents/{person.pk}/edit", {"key": key(), "version": 1, "wanted": wanted})
        assert kept.json()["state"] == "waiting", kept.content
    with acting_as():
        first, last = Change.objects.filter(state="waiting").order_by("at").values_list("at", flat=True)
    assert tasks.lapse(locality, first + timedelta(days=days)) == 0
    assert tasks.lapse(locality, last + timedelta(days=days, seconds=1)) == 2
    assert tasks.lapse(locality, last + timedelta(days=days + 1)) == 0
    assert [to for to, _ in sent] == ["19000000777"]  # one message for both
    assert str(days) in sent[0][1] and "金丝雀" not in sent[0][1]
    assert centre.get("/register/waiting").json()["items"] == []
    late = centre.post(f"/register/waiting/{kept.json()['waiting_change']}/confirm", {"version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "change_settled")
    told = worker.get(f"/register/history/residents/{person.pk}").json()["items"]
    assert {one["state"] for one in told} == {"lapsed"}
    with acting_as():
        assert AuditRow.objects.filter(action="register.lapse").count() == 2
