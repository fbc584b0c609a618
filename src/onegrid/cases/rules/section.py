"""The cases' part of a pack: working hours, the locality's own clocks, steps, reasons, whistle, extension, phrases.

Statuses and actions are closed lists in code; a pack chooses which optional steps apply, what they are called here, how
long things may take and which reasons count. Limits of matters stand in the catalogue, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from zoneinfo import available_timezones

from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.matters.rules.limits import FORM, Limit, LimitError, parse_limit
from onegrid.county.matters.rules.section import EVIDENCE
from onegrid.foundation.packs.problems import Place, Problems, one_of
from onegrid.foundation.packs.reading import Reader, Title
from onegrid.foundation.packs.sections import Section, Source, YamlFile

REASONS = ("reject", "return", "suspend", "escalate")
STEP_WORDS = (
    "report",
    "check_report",
    "accept",
    "dispatch",
    "handle",
    "verify",
    "close",
    "rate",
    "whistle",
    "report_in",
    "escalate",
    "supervise",
    "urge",
)
CLOCKS = ("accept", "arrive", "verify", "close")
STEP_FLAGS = (
    "verify_before_accept",
    "verify_before_close",
    "on_the_spot",
    "verify_on_the_spot",
    "return_needs_approval",
    "rating",
)


@dataclass(frozen=True)
class Reason:
    """A reason to choose from, or a quick phrase."""

    key: str
    title: Title


@dataclass(frozen=True)
class CasesPart:
    """How cases live in this locality."""

    timezone: str
    working_hours: tuple[tuple[time, time], ...]
    clocks: Mapping[str, Limit]
    due_soon_share: float
    steps: Mapping[str, bool]
    return_visit_below: int
    reasons: Mapping[str, tuple[Reason, ...]]
    quick_phrases: tuple[Reason, ...]
    words: Mapping[str, Title]
    evidence_always: tuple[str, ...]
    evidence_title: Title | None
    whistle_arrive: Limit | None
    whistle_by: tuple[str, ...]
    escalation_title: Title | None
    escalation_order: tuple[str, ...]
    extension_max_times: int
    extension_max_share: float
    reopen_within_days: int
    urge_every_hours: int
    place: Place = field(compare=False)

    @property
    def day_minutes(self) -> int:
        """Working minutes of a working day."""
        return sum((end.hour - start.hour) * 60 + end.minute - start.minute for start, end in self.working_hours)


def read(source: Source) -> CasesPart:
    """Read calendar and clocks of pack.yaml, and workflow.yaml."""
    pack, flow = source.document("pack.yaml"), source.document("workflow.yaml")
    timezone, hours = _calendar(pack) if pack is not None else ("", ())
    clocks, share = _clocks(pack) if pack is not None else ({}, 0.8)
    place = source.file("workflow.yaml")
    if flow is None or source.head.abstract:
        return CasesPart(
            timezone, hours, clocks, share, {}, 0, {}, (), {}, (), None, None, (), None, (), 0, 0.0, 0, 0, place
        )
    steps, below = _steps(flow)
    always, evidence_title = _evidence(flow)
    arrive, by = _whistle(flow)
    escalation, order = _escalation(flow)
    times, most = _extension(flow)
    return CasesPart(
        timezone=timezone,
        working_hours=hours,
        clocks=clocks,
        due_soon_share=share,
        steps=steps,
        return_visit_below=below,
        reasons={kind: _reasons(flow, f"{kind}_reasons", required=True) for kind in REASONS},
        quick_phrases=_reasons(flow, "quick_phrases", required=False),
        words=_words(flow),
        evidence_always=always,
        evidence_title=evidence_title,
        whistle_arrive=arrive,
        whistle_by=by,
        escalation_title=escalation,
        escalation_order=order,
        extension_max_times=times,
        extension_max_share=most,
        reopen_within_days=flow.integer("reopen_within_days", 0, 365),
        urge_every_hours=flow.integer("urge_every_hours", 1, 720),
        place=place,
    )


def _calendar(pack: Reader) -> tuple[str, tuple[tuple[time, time], ...]]:
    part = pack.inside("calendar")
    if part is None:
        return "", ()
    zone = part.text("timezone")
    if zone and zone not in available_timezones():
        part.wrong("timezone", f"found {zone!r}", one_of(zone, ["Asia/Shanghai", "Asia/Urumqi"]))
    form = 'pairs of times such as ["08:30", "12:00"], each after the one before'
    hours: list[tuple[time, time]] = []
    for node in part.items("working_hours"):
        ends = [_time(item.value) for item in node.items or ()]
        start, end = (ends[0], ends[1]) if len(ends) == 2 else (None, None)
        if start is None or end is None or end <= start or (hours and start < hours[-1][1]):
            shown = [item.value for item in node.items] if node.items is not None else node.kind()
            part.problems.add(node.place, part.name("working_hours"), f"found {shown}", form)
        else:
            hours.append((start, end))
    part.done()
    return zone, tuple(hours)


def _time(value: object) -> time | None:
    try:
        return time.fromisoformat(value) if isinstance(value, str) and len(value) == 5 else None
    except ValueError:
        return None


def _limit(reader: Reader, key: str, *, required: bool = False) -> Limit | None:
    text = reader.text(key, required=required, form=FORM)
    if not text:
        return None
    try:
        return parse_limit(text)
    except LimitError:
        reader.wrong(key, f"found {text!r}", FORM)
        return None


def _clocks(pack: Reader) -> tuple[dict[str, Limit], float]:
    part = pack.inside("clocks")
    if part is None:
        return {}, 0.8
    limits = {key: limit for key in CLOCKS if (limit := _limit(part, key, required=True)) is not None}
    share = part.number("due_soon_share", 0.1, 0.99)
    part.done()
    return limits, share


def _steps(flow: Reader) -> tuple[dict[str, bool], int]:
    part = flow.inside("steps")
    if part is None:
        return {}, 0
    steps = {key: part.flag(key) for key in STEP_FLAGS}
    below = part.integer("return_visit_below", 0, 5, required=False)
    part.done()
    return steps, below


def _reasons(flow: Reader, key: str, *, required: bool) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for item in flow.each(key, required=required):
        reason = Reason(item.key(), Title(item.text("zh"), item.text("en")))
        item.done()
        found.append(reason)
    return tuple(found)


def _words(flow: Reader) -> dict[str, Title]:
    part = flow.inside("words", required=False)
    if part is None:
        return {}
    words = {key: part.title(key) for key in STEP_WORDS if part.has(key)}
    part.done()
    return words


def _evidence(flow: Reader) -> tuple[tuple[str, ...], Title | None]:
    part = flow.inside("evidence", required=False)
    if part is None:
        return (), None
    title, always = part.title("title"), part.texts("always", words=EVIDENCE)
    part.done()
    return always, title


def _whistle(flow: Reader) -> tuple[Limit | None, tuple[str, ...]]:
    part = flow.inside("whistle", required=False)
    if part is None:
        return None, ()
    arrive, by = _limit(part, "arrive", required=True), part.texts("by")
    part.done()
    return arrive, by


def _escalation(flow: Reader) -> tuple[Title | None, tuple[str, ...]]:
    part = flow.inside("escalation", required=False)
    if part is None:
        return None, ()
    title, order = part.title("title"), part.texts("order")
    part.done()
    return title, order


def _extension(flow: Reader) -> tuple[int, float]:
    part = flow.inside("extension")
    if part is None:
        return 0, 0.0
    times, most = part.integer("max_times", 0, 10), part.number("max_share", 0.0, 3.0)
    part.done()
    return times, most


def link(part: CasesPart, values: Mapping[str, object], problems: Problems) -> CasesPart:
    """Who may whistle and how cases climb are levels of this locality."""
    grids = values["grids"]
    if isinstance(grids, GridsPart):
        for name, levels in (("whistle.by", part.whistle_by), ("escalation.order", part.escalation_order)):
            for level in levels:
                if level not in grids.level_names():
                    problems.add(part.place, name, f"no level {level!r}", one_of(level, sorted(grids.level_names())))
    return part


def stored(part: CasesPart) -> Mapping[str, object]:
    """What a locality keeps of it, read by the flow and by the pages."""
    return {
        "calendar": {
            "timezone": part.timezone,
            "working_hours": [
                [start.isoformat("minutes"), end.isoformat("minutes")] for start, end in part.working_hours
            ],
            "day_minutes": part.day_minutes,
        },
        "clocks": {key: str(limit) for key, limit in part.clocks.items()},
        "due_soon_share": part.due_soon_share,
        "steps": dict(part.steps),
        "return_visit_below": part.return_visit_below,
        "reasons": {kind: [_reason_json(item) for item in reasons] for kind, reasons in part.reasons.items()},
        "quick_phrases": [_reason_json(item) for item in part.quick_phrases],
        "words": {key: title.as_json() for key, title in part.words.items()},
        "evidence": {
            "title": part.evidence_title.as_json() if part.evidence_title else None,
            "always": list(part.evidence_always),
        },
        "whistle": {"arrive": str(part.whistle_arrive) if part.whistle_arrive else None, "by": list(part.whistle_by)},
        "escalation": {
            "title": part.escalation_title.as_json() if part.escalation_title else None,
            "order": list(part.escalation_order),
        },
        "extension": {"max_times": part.extension_max_times, "max_share": part.extension_max_share},
        "reopen_within_days": part.reopen_within_days,
        "urge_every_hours": part.urge_every_hours,
    }


def _reason_json(item: Reason) -> dict[str, object]:
    return {"key": item.key, "title": item.title.as_json()}


SECTION: Section[CasesPart] = Section(
    name="cases",
    files=(
        YamlFile("pack.yaml", ("calendar", "clocks")),
        YamlFile(
            "workflow.yaml",
            (
                "steps",
                *(f"{kind}_reasons" for kind in REASONS),
                "quick_phrases",
                "words",
                "evidence",
                "whistle",
                "escalation",
                "extension",
                "reopen_within_days",
                "urge_every_hours",
            ),
        ),
    ),
    read=read,
    link=link,
    stored=stored,
    folders=("journeys",),
)
