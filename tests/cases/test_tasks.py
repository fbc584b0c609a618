"""What the clock wakes: limits, warnings, messages to reporters, learning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from support.people import ActingAs
from support.world import World

from onegrid.cases import tasks
from onegrid.cases.events import DUE_SOON, MOVED
from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Case, CaseAction, Clock, Receipt
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import classifying
from onegrid.foundation.journal.models import Outbox
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.messages import services as messages

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LAMP = "TL-C0203"


def file(world: World, actor: Actor, **said: Any) -> UUID:
    lon, lat = world.point
    words = {"key": uuid4(), "words": "路灯不亮", "lon": lon, "lat": lat, "matter": LAMP} | said
    found = intake.report(actor=actor, report=Report(**words), now=NOW).case_id
    assert found is not None
    return found


def do(actor: Actor, case: UUID, action: str, **said: Any) -> dict[str, Any]:
    return engine.act(actor=actor, case_id=case, action=action, key=str(uuid4()), now=NOW, data=said)


def test_a_limit_is_warned_of_once_and_then_missed_once(world: World, acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        case = file(world, world.resident())
        clock = Clock.objects.get(case=case, kind="accept")
        assert clock.warn_at is not None
        assert clock.due_at is not None
        soon, late = clock.warn_at + timedelta(seconds=1), clock.due_at + timedelta(seconds=1)
        for _ in range(2):
            tasks.sweep(locality, soon)
        assert Outbox.objects.filter(topic=DUE_SOON).count() == 1
        assert not CaseAction.objects.filter(case=case, action="breach").exists()
        for _ in range(2):
            tasks.sweep(locality, late)
        assert CaseAction.objects.filter(case=case, action="breach").count() == 1
        assert Case.objects.get(pk=case).version == 1, "a missed limit does not conflict with anybody's work"


def test_reporters_with_a_phone_are_told_of_what_matters(
    world: World, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(messages, "send", lambda to, text, *, now: sent.append((to, text)))
    with acting_as():
        dispatcher = world.staff("dispatcher", scope="r.")
        case = file(world, dispatcher, channel="hotline", contact_name="陈小明", contact_phone="138 0000 1111")
        do(dispatcher, case, "accept")
        do(dispatcher, case, "reject", reason="not_ours", words="属于邻县")
        for row in Outbox.objects.filter(topic=MOVED).order_by("id"):
            tasks.tell_reporters(Event(row.pk, row.topic, row.payload, NOW, 1), NOW)
    assert [to for to, _ in sent] == ["13800001111"] * 2
    number_told, refusal = (text for _, text in sent)
    assert "TL20260302-0001" in number_told
    assert "不属于受理范围" in refusal


def test_a_resident_finds_by_phone_what_staff_filed_for_him(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        dispatcher = world.staff("dispatcher", scope="r.")
        first = file(world, dispatcher, channel="hotline", contact_name="陈小明", contact_phone="13800001111")
        second = file(world, dispatcher, channel="hotline", contact_name="陈小明", contact_phone="+86 138-0000-1111")
        residents = {Case.objects.get(pk=case).reporters.get().resident for case in (first, second)}
    assert len(residents) == 1
    assert None not in residents


def test_decisions_teach_the_classifier(world: World, acting_as: ActingAs, locality: str) -> None:
    words = "桥头那盏灯黑乎乎的"
    with acting_as():
        dispatcher = world.staff("dispatcher", scope="r.")
        for _ in range(6):
            do(dispatcher, file(world, dispatcher, channel="desk", words=words, matter="TL-C0101"), "accept")
        assert tasks.retrain(locality)
        assert classifying.classify(words).guesses[0][0] == "TL-C0101"
        classifying._file().unlink()


def test_a_broken_model_keeps_no_report_out(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        file(world, world.resident(), matter=None)
        broken = classifying._file()
        broken.write_bytes(b"not a model")
        case = file(world, world.resident("other"), matter=None)
        assert Case.objects.get(pk=case).status == "reported"
        broken.unlink(missing_ok=True)


def test_old_receipts_are_forgotten_and_young_ones_kept(world: World, acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        file(world, world.resident())
        assert tasks.forget_receipts(locality, NOW + timedelta(days=1)) == 0
        assert tasks.forget_receipts(locality, NOW + timedelta(days=31)) == 1
        assert not Receipt.objects.exists()
