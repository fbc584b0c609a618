"""What the clock wakes: limits, warnings, messages to reporters, learning."""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from journeys.runner import check_replay
from support.people import ActingAs
from support.steps import NOW, do, file
from support.world import World

from onegrid.cases import tasks
from onegrid.cases.events import BREACHED, DUE_SOON, MOVED
from onegrid.cases.flow import breach
from onegrid.cases.models import Case, CaseAction, Clock, Receipt
from onegrid.cases.selectors import classifying, setting
from onegrid.foundation.journal import leaves
from onegrid.foundation.journal.models import Outbox
from onegrid.foundation.journal.services import audit
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.messages import services as messages


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


def test_a_broken_model_keeps_no_report_out_and_is_made_anew_by_the_job(
    world: World, acting_as: ActingAs, locality: str
) -> None:
    with acting_as():
        assert tasks.lacks_classifier(locality)
        assert tasks.retrain(locality)
        assert not tasks.lacks_classifier(locality), "once is enough"
        trained = datetime.fromtimestamp(classifying._file().stat().st_mtime, UTC)
        assert not tasks.classifier_is_old(locality, trained + timedelta(hours=23)), "a restart teaches it nothing"
        assert tasks.classifier_is_old(locality, trained + timedelta(hours=25))
        broken = classifying._file()
        broken.write_bytes(b"not a model")
        case = file(world, world.resident("other"), matter=None)
        assert Case.objects.get(pk=case).status == "reported"
        assert tasks.lacks_classifier(locality)
        assert tasks.retrain(locality)
        assert classifying.classify("路灯不亮").guesses
        broken.unlink()
        assert not tasks.classifier_is_old(locality, trained + timedelta(days=9)), "that is the other job's"


def test_a_request_never_trains_and_the_last_model_answers_meanwhile(
    world: World, acting_as: ActingAs, locality: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_as():
        assert classifying.classify("路灯不亮") == classifying.NOTHING, "no model yet, and none is made here"
        assert tasks.retrain(locality)
        model, older = classifying._file(), classifying._file().with_name(f"{locality}-0123456789abcdef.npz")
        model.rename(older)
        before = classifying.classify("路灯不亮").guesses
        assert before
        lost = before[0][0]
        few = SimpleNamespace(by_code={code: 1 for code, _ in before if code != lost})
        monkeypatch.setattr(classifying.matters, "catalogue", lambda: few)
        after = classifying.classify("路灯不亮")
        assert lost not in dict(after.guesses), "a matter that left the catalogue is not guessed"
        assert not after.sure
        older.unlink()


def test_two_processes_do_not_train_at_once(world: World, acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        model = classifying._file()
        model.parent.mkdir(parents=True, exist_ok=True)
        with model.with_suffix(".lock").open("w") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            assert not tasks.retrain(locality)
            assert not model.exists()
        assert tasks.retrain(locality)
        changed = model.stat().st_mtime
        assert classifying.classify("路灯不亮").guesses
        os.utime(model, (changed + 5, changed + 5))
        assert classifying.classify("路灯不亮").guesses
        assert classifying._kept.models[str(model)][0] == changed + 5, "a newer file is taken up"
        model.unlink()


def test_old_receipts_are_forgotten_and_young_ones_kept(world: World, acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        file(world, world.resident())
        assert tasks.forget_receipts(locality, NOW + timedelta(days=1)) == 0
        assert tasks.forget_receipts(locality, NOW + timedelta(days=31)) == 1
        assert not Receipt.objects.exists()


def test_a_suspension_ends_by_itself_on_its_day_and_the_clock_runs_on(
    world: World, acting_as: ActingAs, locality: str
) -> None:
    with acting_as():
        dispatcher, officer = world.staff("dispatcher", scope="r."), world.officer("UM")
        case = file(world, dispatcher, channel="desk")
        do(dispatcher, case, "accept")
        do(dispatcher, case, "dispatch", department=str(officer.department_id))
        left = Clock.objects.get(case=case, kind="handle").due_at
        do(dispatcher, case, "suspend", reason="weather", until="2026-03-10")
        assert Case.objects.get(pk=case).status == "suspended"
        tasks.sweep(locality, datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC))
        assert Case.objects.get(pk=case).status == "suspended", "the day begins at local midnight"
        for _ in range(2):
            tasks.sweep(locality, datetime(2026, 3, 9, 16, 0, 1, tzinfo=UTC))
        moved = Case.objects.get(pk=case)
        assert (moved.status, moved.resume_on) == ("dispatched", None)
        step = CaseAction.objects.get(case=case, action="resume")
        assert (step.actor_kind, step.data) == ("system", {"until": "2026-03-10"})
        clock = Clock.objects.get(case=case, kind="handle")
        assert clock.state == "running"
        assert left is not None
        assert clock.due_at is not None
        assert clock.due_at > left


def test_a_suspension_without_a_day_waits_for_somebody(world: World, acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        dispatcher = world.staff("dispatcher", scope="r.")
        case = file(world, dispatcher, channel="desk")
        do(dispatcher, case, "accept")
        do(dispatcher, case, "suspend", reason="weather")
        tasks.sweep(locality, NOW + timedelta(days=400))
        assert Case.objects.get(pk=case).status == "suspended"


def test_an_accepted_case_passed_up_gets_a_limit_there(world: World, acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        low = next(one.actor for one in world.people if one.position == "township_dispatcher")
        case = file(world, low, channel="desk")
        assert Case.objects.get(pk=case).desk_path == low.scope_path != "r."
        do(low, case, "accept")
        assert Case.objects.get(pk=case).due_at is None
        do(low, case, "escalate", reason=setting.setting().reasons("escalate")[0])
        moved = Case.objects.get(pk=case)
        assert moved.status == "accepted"
        assert moved.due_at is not None
        assert moved.due_kind == "accept"


def test_a_case_that_cannot_be_swept_holds_up_nobody(
    world: World, acting_as: ActingAs, locality: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_as():
        bad, good = file(world, world.resident()), file(world, world.resident("other"))
        late = NOW + timedelta(days=30)
        record = breach._record_passed

        def broken(work: Any) -> Any:
            if work.case.pk == bad:
                raise RuntimeError("its journal cannot be folded")
            return record(work)

        monkeypatch.setattr(breach, "_record_passed", broken)
        assert tasks.sweep(locality, late) == 1
        assert CaseAction.objects.get(action="breach").case_id == good
        monkeypatch.setattr(breach, "_record_passed", record)
        assert tasks.sweep(locality, late) == 0, "set aside for a while"
        assert tasks.sweep(locality, late + tasks.SET_ASIDE) == 1


def test_a_sweep_costs_the_same_statements_for_many_cases_as_for_one(
    world: World, acting_as: ActingAs, locality: str
) -> None:
    def swept(at: datetime) -> int:
        with CaptureQueriesContext(connection) as seen:
            tasks.sweep(locality, at)
        return len(seen)

    with acting_as():
        file(world, world.resident())
        late = NOW + timedelta(days=30)
        tasks.sweep(locality, NOW)
        one = swept(late)
        for number in range(7):
            file(world, world.resident(f"other {number}"))
        assert swept(late) == one
        assert CaseAction.objects.filter(action="breach").count() == 8
        for case in Case.objects.all():
            check_replay(case.pk)
        assert Outbox.objects.filter(topic=BREACHED).count() == 8


def test_the_log_of_many_breaches_can_be_sealed_and_verified(world: World, acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        for number in range(3):
            file(world, world.resident(f"one {number}"))
        tasks.sweep(locality, NOW + timedelta(days=30))
        rows = [row for row in audit.export_rows() if row["action"] == "case.breach"]
        assert len(rows) == 3
        assert all(leaves.leaf(row).hex() == row["leaf"] for row in rows)
