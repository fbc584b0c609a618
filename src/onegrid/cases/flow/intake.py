"""A report comes in, once: located, classified, numbered, stored, and answered with its first deadline running.

The sender makes the key, and the key is the case's id. Everything happens under the named scope `intake`, because a
report may lie outside its sender's own grid; the answer is kept as a receipt and leaves after commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from onegrid.cases.errors import BadFields, CaseError, NotYours
from onegrid.cases.flow import held_back, numbers, receipts
from onegrid.cases.flow.engine import attach, open_work
from onegrid.cases.flow.handle import handle_on_the_spot
from onegrid.cases.flow.limits import Clocks
from onegrid.cases.flow.locate import Place, first_desk, place_of
from onegrid.cases.flow.receipts import Answer
from onegrid.cases.flow.settle import settle
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Case, CaseReporter
from onegrid.cases.permissions import Actor, viewer_of
from onegrid.cases.rules.fields import fields_of
from onegrid.cases.rules.offers import decide
from onegrid.cases.rules.record import CaseState
from onegrid.cases.rules.states import OPEN, Action
from onegrid.cases.selectors import classifying, detail, near
from onegrid.cases.selectors.setting import setting
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.rules.limits import Limit
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.services import phones
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import gathered, turn
from onegrid.foundation.kernel.masking import is_mobile, normalise_phone

CHANNELS: Mapping[str, frozenset[str]] = {
    "staff": frozenset({"patrol", "visit", "desk", "hotline", "petition", "deliberation", "counter", "snap"}),
    "resident": frozenset({"snap"}),
    "anonymous": frozenset({"snap"}),
    "integration": frozenset({"open311", "sensor", "import", "hotline"}),
    "system": frozenset({"sensor", "import"}),
}
"""Which ways in each kind of sender has."""
SEEN_BY_STAFF = frozenset({"patrol", "visit"})
"""Channels whose sender saw the matter himself."""
TITLE_LENGTH = 30
CASE_KINDS_OF_COMPLAINT = frozenset({"petition"})


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a report says. `key` becomes the case's id."""

    key: UUID
    words: str
    lon: float | None = None
    lat: float | None = None
    grid: str | None = None
    address: str = ""
    matter: str | None = None
    condition: int | None = None
    photos: tuple[UUID, ...] = ()
    channel: str = "snap"
    device_at: datetime | None = None
    anonymous: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    confidential: bool = False
    complained: str | None = None
    join: UUID | None = None
    on_the_spot: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What a connected system wants back: its own number, its account."""


def report(*, actor: Actor, report: Report, now: datetime, close_within: Limit | None = None) -> Answer:
    """Store a report. 201 the first time, 200 with the same body for a repeat of its key.

    `close_within`: a limit set by law for closing it, running from now whatever its matter will be.

    Raises `KeyUsedForAnother` for the same key with another body, `BadFields` for what cannot be understood. A report a
    phone made earlier (`device_at`) that is refused is kept in quarantine.
    """
    body_hash = receipts.fingerprint("report", report.__dict__)
    with widened("intake"):
        asked = _ask(actor, report, now)
    known = receipts.known(asked.receipt, operation="report", body_hash=body_hash)
    if known is not None:
        return known
    try:
        with _undone_alone(report), widened("intake"), gathered():
            answer = (
                _join(actor, report, now)
                if report.join
                else _file(actor, report, asked, now, close_within=close_within)
            )
            receipts.keep(
                sender=actor.word, key=str(report.key), operation="report", body_hash=body_hash, answer=answer, now=now
            )
    except CaseError as refusal:
        if report.device_at is not None:
            held_back.keep(
                actor=actor, case_id=None, action="report", key=str(report.key), body=receipts.plain(report.__dict__),
                refusal=refusal, device_at=report.device_at, now=now,
            )  # fmt: skip
        raise
    return answer


@dataclass(frozen=True)
class _Asked:
    """What a report asks the database before anything is decided: rows of the receipt, the numbers, what lies near."""

    receipt: list[tuple[Any, ...]]
    numbers: list[tuple[Any, ...]]
    near: list[tuple[Any, ...]]


def _ask(actor: Actor, report: Report, now: datetime) -> _Asked:
    """All of it in one turn, behind the lock on the report's key."""
    _, receipt, drawn, around = turn(
        [
            *receipts.questions(actor.word, str(report.key)),
            numbers.question(setting().day(now), report.key),
            near.question(report.lon, report.lat, now=now),
        ]
    )
    return _Asked(receipt, drawn, around)


def _undone_alone(report: Report) -> AbstractContextManager[Any]:
    """A savepoint where something of the request must survive a refusal; else a refusal undoes the whole request."""
    return nullcontext() if report.device_at is None else transaction.atomic()


def _file(actor: Actor, report: Report, asked: _Asked, now: datetime, *, close_within: Limit | None = None) -> Answer:
    _check_sender(actor, report)
    place = place_of(lon=report.lon, lat=report.lat, grid=report.grid, words=(report.address, report.words))
    work = _begin(actor, report, place, asked, now)
    _record_report(work, report, place)
    if report.on_the_spot is not None:
        _settle_on_the_spot(work, report.on_the_spot)
    else:
        work.clocks.start("accept", work.accept_limit)
        work.clocks.start("close", close_within)
    settle(work)
    _attach(work, report)
    return Answer(201, _as_filed(work), work.case.pk)


def _as_filed(work: Work) -> dict[str, Any]:
    """The case as its sender may see it, out of what was just written; nothing is read again."""
    parts = detail.parts_of(
        work.actor, work.case, actions=work.recorded, assignments=list(work.assignments.values()),
        clocks=work.clocks.all, reporters=work.reporters, state=work.state,
    )  # fmt: skip
    body = detail.render(work.actor, parts, now=work.now, advice=False)
    return {**body, "track_code": work.case.track_code}


def _check_sender(actor: Actor, report: Report) -> None:
    if report.channel not in CHANNELS[actor.kind]:
        raise BadFields({"channel": "not_offered"})
    if actor.kind == "staff" and not actor.duties & {"report", "triage", "whistle"}:
        raise NotYours(action="report")
    if report.on_the_spot is not None and actor.kind != "staff":
        raise BadFields({"on_the_spot": "not_offered"})
    if not report.words.strip():
        raise BadFields({"words": "required"})


def _begin(actor: Actor, report: Report, place: Place, asked: _Asked, now: datetime) -> Work:
    """A case that is not stored yet, with everything intake knows of it."""
    local = setting()
    matter, guesses = _matter(report)
    drawn = numbers.drawn(asked.numbers, prefix=local.number_prefix, day=local.day(now), case=report.key)
    if drawn.taken:
        raise BadFields({"key": "repeated"})
    case = Case(
        pk=report.key,
        number=drawn.number,
        track_code=numbers.track_code(),
        scope_path=place.scope_path,
        desk_path=first_desk(place, report.channel, actor.scope_path),
        grid_id=place.grid_id,
        reported_grid_id=place.grid_id,
        matter=matter,
        condition=report.condition,
        status="reported",
        channel=report.channel,
        severity="urgent" if matter is not None and matter.urgent else "normal",
        title=_title(report.words),
        words=report.words,
        address=report.address or place.address,
        lon=place.lon,
        lat=place.lat,
        thumb=report.photos[0] if report.photos else None,
        guesses=guesses,
        reported_by=actor.user_id,
        reported_at=now,
        device_at=report.device_at,
        reported_on=local.day(now),
        confidential=report.confidential or (matter is not None and matter.confidential),
        anonymous=report.anonymous or (actor.kind == "anonymous" and not report.contact_phone),
        pack_version=local.version,
    )
    case.possible_duplicate = near.likely_same(case, asked.near, now=now)
    return Work(
        case=case,
        actor=actor,
        setting=local,
        rules=local.step_rules(case, matter, place.centres),
        now=now,
        key=str(report.key),
        device_at=report.device_at,
        state=CaseState(),
        clocks=Clocks(case, (), calendar=local.calendar, warn_share=local.warn_share, now=now),
        assignment=None,
        assignments={},
        centres=place.centres,
        reporters=[],
        grants=[],
        before=Counter(),
        drawn=drawn,
    )


def _matter(report: Report) -> tuple[Any, list[list[Any]]]:
    """The matter named, or the one the words surely mean, and what the classifier thought of the words."""
    opinion = classifying.classify(report.words)
    guesses = [[code, round(share, 4)] for code, share in opinion.guesses]
    if report.matter:
        matter = matters.find_matter(report.matter)
        if matter is None:
            raise BadFields({"matter": "unknown"})
        return matter, guesses
    return (matters.find_matter(opinion.guesses[0][0]) if opinion.sure else None), guesses


def _title(words: str) -> str:
    line = words.strip().splitlines()[0].strip()
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"


def _record_report(work: Work, report: Report, place: Place) -> None:
    case, actor = work.case, work.actor
    work.record(
        Action.REPORT,
        {
            "words": report.words,
            "photos": [str(photo) for photo in report.photos],
            "centre": case.desk_path,
            "matter": case.matter.code if case.matter else None,
            "seen_by_staff": actor.kind == "staff" and report.channel in SEEN_BY_STAFF,
            "confidential": case.confidential,
            "complained": report.complained,
            "channel": report.channel,
            **({"extra": dict(report.extra)} if report.extra else {}),
            **({"placed_by_words": place.by_words} if place.by_words else {}),
        },
    )
    work.new_rows.append(_reporter(work, report))


def _reporter(work: Work, report: Report) -> CaseReporter:
    """Who reported: the resident signed in, the person staff speak for, or the worker himself."""
    actor, phone = work.actor, normalise_phone(report.contact_phone)
    resident = actor.resident_id
    spoken_for = bool(report.contact_name or phone) and actor.kind != "resident"
    if spoken_for and is_mobile(phone):
        # So that he finds the case when he signs in with this phone.
        resident = phones.resident_of(phone, work.now).pk
    if resident is not None and not phone:
        phone = accounts.resident_phone_unmasked(resident) or ""
    row = CaseReporter(
        pk=work.drawn.reporter if work.drawn else None,
        case=work.case,
        scope_path=work.case.scope_path,
        resident=resident,
        user=None if spoken_for else actor.user_id,
        name=(report.contact_name or ("" if spoken_for else actor.name)) or None,
        phone=phone or None,
        anonymous=work.case.anonymous or report.anonymous,
        via=report.channel,
        words=report.words,
        at=work.now,
    )
    work.reporters.append(row)
    return row


def _settle_on_the_spot(work: Work, done: Mapping[str, Any]) -> None:
    """One call that records report, handling and, where nobody need look again, the close."""
    viewer = viewer_of(work.actor, work.case, assignments=(), reporters=work.reporters)
    said = {"words": done.get("words", ""), "photos": [str(photo) for photo in done.get("photos", ())]}
    decided = decide(work.state, Action.HANDLE_ON_THE_SPOT, viewer, work.rules, said, now=work.now)
    handle_on_the_spot(work, decided)
    if not work.rules.verify_on_the_spot:
        form = {one.name for one in fields_of(Action.CLOSE, work.state, None, work.rules, as_assignee=False)}
        # One call answers for handling and closing: the worker's words are the reply, his photos the agreement.
        answer = {**said, "confirmed": done.get("confirmed", True)}
        closing = {name: value for name, value in answer.items() if name in form}
        work.record(Action.CLOSE, decide(work.state, Action.CLOSE, viewer, work.rules, closing, now=work.now))
        work.clocks.stop("close", "verify")


def _attach(work: Work, report: Report) -> None:
    if report.photos:
        attach(work, [str(photo) for photo in report.photos], "report")
    spot = (report.on_the_spot or {}).get("photos", ())
    if spot:
        attach(work, [str(photo) for photo in spot], "after")


def _join(actor: Actor, report: Report, now: datetime) -> Answer:
    """Say the same as an open case: the sender becomes one of its reporters and is told of its progress."""
    _check_sender(actor, report)
    if report.join is None or not Case.objects.filter(pk=report.join, status__in=[str(one) for one in OPEN]).exists():
        raise BadFields({"join": "unknown"})
    work = open_work(actor=actor, case_id=report.join, key=str(report.key), now=now, device_at=report.device_at)
    photos = [str(photo) for photo in report.photos]
    work.record(Action.ADD_WORDS, {"words": report.words, "photos": photos, "joined": True, "answers": False})
    work.new_rows.append(_reporter(work, report))
    settle(work, quiet=True)
    if photos:
        attach(work, photos, "report")
    return Answer(
        201,
        {**detail.read(actor, work.case, now=now, advice=False), "track_code": work.case.track_code},
        work.case.pk,
    )
