"""Everything one reader may know of one case. A fixed number of queries, whatever the case went through.

What a reader may not know is left out here, once, for staff, departments and reporters alike: contacts are masked, a
department never learns who complained of it, a reporter sees units instead of persons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from onegrid.cases.errors import CaseNotFound
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Clock, Rating
from onegrid.cases.permissions import Actor, access_case, bears, departments_of, reports, viewer_of
from onegrid.cases.rules.confidentiality import Sight, sight_of_reporter
from onegrid.cases.rules.folding import fold
from onegrid.cases.rules.offers import Viewer, available
from onegrid.cases.rules.record import CaseState
from onegrid.cases.rules.states import Relation
from onegrid.cases.selectors import near, timeline, track
from onegrid.cases.selectors.folded import recorded_of
from onegrid.cases.selectors.forms import offer_out
from onegrid.cases.selectors.proposals import proposal_for
from onegrid.cases.selectors.rows import case_row, chain_out, grid_of, photo_out, ref, utc
from onegrid.cases.selectors.setting import Setting, setting
from onegrid.cases.selectors.words import due_state, due_text, limit_text, remaining_seconds, word
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.database.context import widened
from onegrid.foundation.files import selectors as files
from onegrid.foundation.kernel.masking import mask_name, mask_phone
from onegrid.foundation.kernel.texts import Lang, text

Row = TypeVar("Row", CaseAction, Assignment, Clock, CaseReporter)

TO_BE_ROUTED = frozenset({"reported", "accepted", "returned", "reopened"})
"""While a case waits for a centre to route it, its detail carries the proposal and the cases near it."""


@dataclass(frozen=True)
class Parts:
    """The rows of one case, loaded once, and how the reader stands to it."""

    case: Case
    actions: list[CaseAction]
    assignments: list[Assignment]
    clocks: list[Clock]
    reporters: list[CaseReporter]
    rating: Rating | None
    photos: list[dict[str, Any]]
    """Those this reader may see: evidence with people in it stays inside."""
    chain: Sequence[Any]
    state: CaseState
    viewer: Viewer
    setting: Setting

    @property
    def inside(self) -> bool:
        """Whether the reader is more than its reporter."""
        return bool(self.viewer.relations - {Relation.REPORTER})


def detail(actor: Actor, case_id: UUID, *, now: datetime) -> dict[str, Any]:
    """The case as this reader may see it; `CaseNotFound` when it is not in his sight."""
    case = access_case(actor, case_id)
    with widened("act"):
        return read(actor, case, now=now)


def track_by_code(actor: Actor, code: str, *, now: datetime) -> dict[str, Any]:
    """Progress for whoever holds the code."""
    with widened("track"):
        case = find_by_code(code)
        parts = load(replace(actor, track_code=case.track_code), case)
        return track_page(parts, now=now, lang=actor.lang)


def find_by_code(code: str) -> Case:
    """The case of a tracking code; `CaseNotFound` otherwise. Call under the scope `track`."""
    found = (
        Case.objects.select_related("matter", "department", "grid", "reported_grid")
        .filter(track_code=code.upper())
        .first()
    )
    if found is None:
        raise CaseNotFound()
    return found


def load(actor: Actor, case: Case) -> Parts:
    """All rows of an accessed case. Call under a widened scope."""
    return load_many(actor, [case])[0]


def load_many(actor: Actor, cases: Sequence[Case]) -> list[Parts]:
    """All rows of accessed cases, by as many queries as for one. Call under a widened scope."""
    keys = [case.pk for case in cases]
    actions = _by_case(CaseAction.objects.filter(case__in=keys).order_by("seq"))
    assignments = _by_case(
        Assignment.objects.filter(case__in=keys)
        .select_related("department", "grid")
        .order_by("offered_at", "kind", "pk")
    )
    clocks = _by_case(Clock.objects.filter(case__in=keys).order_by("pk"))
    reporters = _by_case(CaseReporter.objects.filter(case__in=keys).order_by("at", "pk"))
    ratings = {rating.case_id: rating for rating in Rating.objects.filter(case__in=keys).order_by("round")}
    photos: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for photo in files.photos_of("case", [str(key) for key in keys]):
        photos[photo.owner_id].append(photo_out(photo, actor.track_code))
    chains = grids.chains({case.scope_path for case in cases})
    local = setting()
    return [
        _parts_of(actor, case, photos=photos[str(case.pk)], actions=actions[case.pk], assignments=assignments[case.pk],
                  clocks=clocks[case.pk], reporters=reporters[case.pk], rating=ratings.get(case.pk),
                  chain=chains.get(case.scope_path, ()), local=local)
        for case in cases
    ]  # fmt: skip


def parts_of(
    actor: Actor,
    case: Case,
    *,
    actions: list[CaseAction],
    assignments: list[Assignment],
    clocks: list[Clock],
    reporters: list[CaseReporter],
    state: CaseState,
) -> Parts:
    """The parts of a case just filed, whose rows are all at hand; only its photos are read, if it has any."""
    given = any(action.data.get("photos") for action in actions)
    photos = [photo_out(photo, actor.track_code) for photo in files.photos_of("case", [str(case.pk)])] if given else []
    chain = grids.chains([case.scope_path]).get(case.scope_path, ())
    return _parts_of(
        actor, case, photos=photos, actions=actions, assignments=assignments, clocks=clocks, reporters=reporters,
        rating=None, chain=chain, local=setting(), state=state,
    )  # fmt: skip


def _parts_of(
    actor: Actor,
    case: Case,
    *,
    photos: list[dict[str, Any]],
    actions: list[CaseAction],
    assignments: list[Assignment],
    clocks: list[Clock],
    reporters: list[CaseReporter],
    rating: Rating | None,
    chain: Sequence[Any],
    local: Setting,
    state: CaseState | None = None,
) -> Parts:
    viewer = viewer_of(actor, case, assignments=assignments, reporters=reporters)
    inside = bool(viewer.relations - {Relation.REPORTER})
    return Parts(
        case=case,
        actions=actions,
        assignments=assignments,
        clocks=clocks,
        reporters=reporters,
        rating=rating,
        photos=[photo for photo in photos if inside or photo["kind"] in track.OPEN_PHOTOS],
        chain=chain,
        state=state or fold(recorded_of(action) for action in actions),
        viewer=viewer,
        setting=local,
    )


def _by_case(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def read(actor: Actor, case: Case, *, now: datetime, advice: bool = True) -> dict[str, Any]:
    """The detail of a case the reader has access to. Call under a widened scope, so that all its rows are found."""
    case = Case.objects.select_related("matter", "department", "grid", "reported_grid").get(pk=case.pk)
    return render(actor, load(actor, case), now=now, advice=advice)


def render(actor: Actor, parts: Parts, *, now: datetime, advice: bool = True) -> dict[str, Any]:
    """The detail out of the rows at hand, photos aside.

    Without `advice` no guesses, proposal and near cases: whoever just filed it has seen them before.
    """
    case, lang, viewer = parts.case, actor.lang, parts.viewer
    rules = parts.setting.step_rules(case, case.matter, workforce.centres_above(case.scope_path))
    offers = available(parts.state, viewer, rules, now=now)
    routing = advice and parts.inside and not actor.department_path and case.status in TO_BE_ROUTED
    names = matters.names(timeline.matter_codes(parts.actions) | {code for code, _ in case.guesses}, lang)
    return {
        **case_row(case, parts.chain, now=now, lang=lang),
        "words": case.words,
        "address": case.address,
        "chain": chain_out(parts.chain, lang),
        "anonymous": case.anonymous,
        "confidential": case.confidential,
        "on_the_spot": case.on_the_spot,
        "reopened": case.reopened,
        "track_code": case.track_code if _may_track(parts) else None,
        "merged_into": str(case.merged_into_id) if case.merged_into_id else None,
        "reporters": _reporters(actor, parts),
        "photos": parts.photos,
        "clocks": [_clock(clock, parts, lang) for clock in parts.clocks] if parts.inside else [],
        "assignments": [_assignment(one, actor, parts, now) for one in parts.assignments if one.round == case.round],
        "timeline": timeline.steps(
            parts.actions, assignments=parts.assignments, photos=parts.photos, matters=names, setting=parts.setting,
            inside=parts.inside, hide_reporter=hidden_from(actor, parts), lang=lang,
        ),
        "actions": [offer_out(offer, parts.setting, lang) for offer in offers],
        "guesses": [_guess(code, share, names) for code, share in case.guesses] if routing else [],
        "proposal": proposal_for(case, parts.setting, lang) if routing else None,
        "near": near.near_cases(case, now=now, lang=lang) if routing else [],
        "rating": rating_out(parts.rating) if parts.rating and parts.rating.round == case.round else None,
        "pack_version": case.pack_version,
        "reported_grid": ref(_reported_grid(parts), lang),
        "device_at": utc(case.device_at),
    }  # fmt: skip


def track_page(parts: Parts, *, now: datetime, lang: Lang) -> dict[str, Any]:
    """A reporter's page of the case: what may be done is what the rules offer a reporter."""
    case = parts.case
    reporter = Viewer(relations=frozenset({Relation.REPORTER}), actor=parts.state.reporter)
    rules = parts.setting.step_rules(case, case.matter, ())
    can = {str(offer.action) for offer in available(parts.state, reporter, rules, now=now)}
    return track.track_of(
        case,
        chain=parts.chain,
        actions=parts.actions,
        assignments=parts.assignments,
        clocks=[clock for clock in parts.clocks if clock.round == case.round],
        can=sorted(can),
        urge_from=_urge_from(case, rules.urge_every_hours, now),
        rating=rating_out(parts.rating) if parts.rating and parts.rating.round == case.round else None,
        photos=[photo for photo in parts.photos if photo["kind"] in track.OPEN_PHOTOS],
        reason=parts.setting.reason_words(lang),
        zone=parts.setting.zone,
        now=now,
        lang=lang,
    )


def _urge_from(case: Case, hours: int, now: datetime) -> datetime | None:
    """When a reporter who has just reminded may do so again; None when nothing but the case itself forbids it."""
    if case.urged_at is None or case.closed_on is not None:
        return None
    again = case.urged_at + timedelta(hours=hours)
    return again if again > now else None


def rating_out(rating: Rating) -> dict[str, Any]:
    """A verdict as JSON."""
    return {"stars": rating.stars, "words": rating.words, "at": utc(rating.at)}


def hidden_from(actor: Actor, parts: Parts) -> bool:
    """Whether who reported stays hidden from this reader, by the rules of confidentiality."""
    sight = sight_of_reporter(parts.state, parts.viewer, anonymous=False, departments=departments_of(actor))
    return sight is Sight.HIDDEN


def _reported_grid(parts: Parts) -> Any:
    case = parts.case
    return grid_of(case, parts.chain) if case.reported_grid_id == case.grid_id else case.reported_grid


def _may_track(parts: Parts) -> bool:
    return bool(parts.viewer.relations & {Relation.REPORTER, Relation.CENTRE, Relation.ABOVE})


def _reporters(actor: Actor, parts: Parts) -> list[dict[str, Any]]:
    out = []
    hidden = hidden_from(actor, parts)
    for reporter in parts.reporters:
        mine = reports(actor, parts.case, [reporter])
        if not parts.inside and not mine:
            continue
        nameless = hidden or (reporter.anonymous and not mine)
        out.append(
            {
                "id": str(reporter.pk),
                "name": _reporter_name(reporter, hidden=hidden, nameless=nameless, lang=actor.lang),
                "phone": "" if nameless else mask_phone(reporter.phone or ""),
                "anonymous": reporter.anonymous,
                "via": reporter.via,
                "at": utc(reporter.at),
                "mine": mine,
            }
        )
    return out


def _reporter_name(reporter: CaseReporter, *, hidden: bool, nameless: bool, lang: Lang) -> str:
    if hidden:
        return text("cases.person.hidden", lang)
    if nameless:
        return text("cases.person.anonymous", lang)
    return mask_name(reporter.name or "") or text("cases.person.resident", lang)


def _clock(clock: Clock, parts: Parts, lang: Lang) -> dict[str, Any]:
    kind_word = word("clock", clock.kind, lang)
    if clock.stage:
        kind_word = text("cases.clock.stage_named", lang, stage=clock.stage.partition(":")[0])
    return {
        "id": str(clock.pk),
        "kind": clock.kind,
        "kind_word": kind_word,
        "assignment": str(clock.assignment_id) if clock.assignment_id else None,
        "state": clock.state,
        "state_word": word("clock_state", clock.state, lang),
        "due_at": utc(clock.due_at),
        "limit_text": " + ".join(
            limit_text(value, unit, lang) for value, unit in [(clock.limit_value, clock.limit_unit), *clock.extensions]
        ),
        "breached": clock.breached_at is not None or clock.state == "missed",
        "segments": [
            {**segment, "calendar": clock.limit_unit, "start": _z(segment["start"]), "end": _z(segment["end"])}
            for segment in clock.segments
        ],
    }


def _z(at: str | None) -> str | None:
    return utc(datetime.fromisoformat(at)) if at else None


def _assignment(one: Assignment, actor: Actor, parts: Parts, now: datetime) -> dict[str, Any]:
    lang = actor.lang
    running = [
        clock for clock in parts.clocks if clock.assignment_id == one.pk and clock.state in ("running", "paused")
    ]
    first = min((clock for clock in running if clock.due_at), key=lambda clock: str(clock.due_at), default=None)
    state = due_state(
        first.due_at if first else None, first.warn_at if first else None, paused=bool(running) and not first, now=now
    )
    remaining = remaining_seconds(first.due_at if first else None, now)
    return {
        "id": str(one.pk),
        "kind": one.kind,
        "kind_word": word("assignment_kind", one.kind, lang),
        "department": ref(one.department, lang),
        "grid": ref(one.grid, lang),
        "state": one.state,
        "state_word": word("assignment_state", one.state, lang),
        "due": {
            "at": utc(first.due_at) if first else None,
            "kind": first.kind if first else "",
            "kind_word": word("clock", first.kind, lang) if first else "",
            "state": state,
            "remaining_s": remaining,
            "text": due_text(state, remaining, lang),
        },
        "mine": bears(actor, one),
    }


def _guess(code: str, share: float, names: Mapping[str, str]) -> dict[str, Any]:
    return {"matter": {"code": code, "name": names.get(code, code)}, "confidence": round(share, 3)}
