"""What holds for every case of the locality: the pack's steps, clocks and reasons, and the work calendar.

Read from the stored pack, not from files: a case runs under what the locality loaded. Kept in the process for a minute,
keyed by locality and pack version, so that a request does not parse it again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from onegrid.cases.models import Case
from onegrid.cases.rules.assigning import Terms
from onegrid.cases.rules.clocks import Calendar, Limit, parse_hours
from onegrid.cases.rules.fields import StepRules
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.rules.limits import parse_limit
from onegrid.foundation.database.context import standing
from onegrid.foundation.kernel.texts import Lang

KEPT_SECONDS = 60.0
"""A work calendar edited by an administrator takes effect within this time."""


@dataclass(frozen=True)
class Setting:
    """One locality's rules of the day."""

    version: str
    number_prefix: str
    zone: tzinfo
    calendar: Calendar
    part: Mapping[str, Any] = field(repr=False)

    @property
    def warn_share(self) -> float:
        """After which share of a limit a case counts as due soon."""
        return float(self.part["due_soon_share"])

    @property
    def whistle_arrive(self) -> Limit | None:
        """How long whistled departments may take to come."""
        written = self.part["whistle"]["arrive"]
        return parse_limit(written) if written else None

    def default_limit(self, kind: str) -> Limit | None:
        """The locality's own limit for accepting, arriving, verifying, closing."""
        written = self.part["clocks"].get(kind)
        return parse_limit(written) if written else None

    def day(self, at: datetime) -> date:
        """The local date of an instant."""
        return at.astimezone(self.zone).date()

    def reasons(self, kind: str) -> tuple[str, ...]:
        """Keys of the reasons of one list."""
        return tuple(row["key"] for row in self.part["reasons"].get(kind, ()))

    def reason_words(self, lang: Lang) -> dict[tuple[str, str], str]:
        """(list, key) → the reason in the reader's language."""
        side = "en" if lang == "en" else "zh"
        return {
            (kind, row["key"]): row["title"][side] or row["title"]["zh"]
            for kind, rows in self.part["reasons"].items()
            for row in rows
        }

    def step_rules(self, case: Case, matter: Any, centres: Sequence[str]) -> StepRules:
        """The rules for this case: the matter's own word where there is a matter, the pack's where there is none."""
        part, steps = self.part, self.part["steps"]
        return StepRules(
            verify_before_accept=matter.verify_before_accept if matter else steps.get("verify_before_accept", False),
            verify_before_close=matter.verify_before_close if matter else steps.get("verify_before_close", True),
            on_the_spot=bool(steps.get("on_the_spot")) and (matter is None or matter.on_the_spot),
            verify_on_the_spot=bool(steps.get("verify_on_the_spot")),
            return_needs_approval=bool(steps.get("return_needs_approval")),
            rating=bool(steps.get("rating")),
            return_visit_below=part["return_visit_below"],
            reopen_within_days=part["reopen_within_days"],
            urge_every_hours=part["urge_every_hours"],
            extension_max_times=part["extension"]["max_times"],
            extension_max_share=part["extension"]["max_share"],
            evidence=tuple(dict.fromkeys((*(matter.evidence if matter else ()), *part["evidence"]["always"]))),
            closing_rule=matter.closing_rule if matter else "verified",
            reject_reasons=self.reasons("reject"),
            return_reasons=self.reasons("return"),
            suspend_reasons=self.reasons("suspend"),
            escalate_reasons=self.reasons("escalate"),
            centre_above=any(len(path) < len(case.desk_path) for path in centres),
            centre_below=any(len(path) > len(case.desk_path) for path in centres),
            reporter_reachable=not case.anonymous,
        )

    def terms(self, case: Case) -> Terms:
        """The limit of the case's condition, or its stages as the catalogue writes them."""
        return Terms() if case.matter_id is None else self.terms_of(case.matter_id, case.condition or 0)

    def terms_of(self, matter_id: int, ordinal: int) -> Terms:
        """The same for a matter and one of its conditions."""
        condition = matters.find_condition(matter_id, ordinal)
        if condition is None:
            return Terms()
        stages = tuple(f"{stage.name}:{stage.limit}" for stage in condition.stages)
        return Terms(str(condition.limit) if condition.limit else None, stages)

    def accept_limit(self, case: Case) -> Limit | None:
        """How long the centre may take to accept it."""
        condition = self.condition(case)
        return (condition.accept_by if condition else None) or self.default_limit("accept")

    def arrive_limit(self, case: Case) -> Limit | None:
        """How long who handles it may take to come; only where the catalogue says so."""
        condition = self.condition(case)
        return condition.arrive_by if condition else None

    def condition(self, case: Case) -> matters.ConditionInfo | None:
        """The condition of the matter that holds; the first one until somebody says another."""
        return None if case.matter_id is None else matters.find_condition(case.matter_id, case.condition or 0)


@dataclass
class _Kept:
    settings: dict[tuple[str, str], tuple[float, Setting]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept = _Kept()


def setting() -> Setting:
    """The setting of the current locality."""
    pack = matters.current_pack()
    key = (standing().locality, pack.digest)
    found = _kept.settings.get(key)
    if found is None or time.monotonic() - found[0] > KEPT_SECONDS:
        found = (time.monotonic(), _read(pack))
        with _kept.lock:
            _kept.settings = {other: value for other, value in _kept.settings.items() if other[0] != key[0]} | {
                key: found
            }
    return found[1]


def forget() -> None:
    """Read again at the next question: after the calendar or the pack changed."""
    with _kept.lock:
        _kept.settings = {}


def _read(pack: matters.PackInfo) -> Setting:
    part = pack.content["cases"]
    zone = ZoneInfo(part["calendar"]["timezone"])
    days: dict[date, bool] = {}
    span = grids.calendar_span()
    if span is not None:
        days = grids.calendar_for(range(span[0], span[1] + 1))
    return Setting(
        version=pack.version,
        number_prefix=str(pack.content["grids"]["number_prefix"]),
        zone=zone,
        calendar=Calendar(parse_hours(part["calendar"]["working_hours"]), days, zone),
        part=part,
    )


def reason_lists(lang: Lang) -> dict[str, list[dict[str, str]]]:
    """The pack's reasons by step, in the reader's language."""
    local = setting()
    words = local.reason_words(lang)
    return {
        kind: [{"key": row["key"], "label": words[kind, row["key"]]} for row in rows]
        for kind, rows in local.part["reasons"].items()
    }
