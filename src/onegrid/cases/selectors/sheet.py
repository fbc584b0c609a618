"""A queue as the rows of a workbook: all that fits, in its order, with nothing in it a list may not show.

Contacts are masked and numbers of people inside free words too; of a confidential case neither title nor words leave.
Every text that a spreadsheet could take for a formula is made a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from onegrid.cases.models import Case, CaseReporter
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors.queue import CaseQuery
from onegrid.cases.selectors.rows import PLACE_SEPARATOR, named
from onegrid.cases.selectors.setting import setting
from onegrid.cases.selectors.words import due_state, due_text, remaining_seconds, status_word, word
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.kernel.masking import mask_cut_numbers, mask_name, mask_numbers, mask_phone
from onegrid.foundation.kernel.texts import Lang, text

Value = str | int | datetime | None
CHUNK: Final = 500
LONGEST: Final = 2000
FORMULA: Final = re.compile(r"^[=+\-@\t\r＝＋－＠]")
UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold."""
LOADED: Final = (
    "number", "title", "words", "address", "status", "channel", "severity", "scope_path", "confidential", "anonymous",
    "reported_at", "closed_at", "in_time", "on_the_spot", "due_at", "warn_at", "paused", "supervised", "urged_at",
    "rating", "matter__code", "matter__name_zh", "matter__name_en", "grid__name", "department__name_zh",
    "department__name_en",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One row's case with what stands beside it."""

    case: Case
    place: str
    reporter: CaseReporter | None
    now: datetime
    lang: Lang


Column = tuple[str, int, Callable[[Asked], Value]]


def columns_for(actor: Actor) -> list[Column]:
    """Key (also of its title), width and value of each column this reader may have."""
    return [one for one in COLUMNS if one[0] not in CONTACT or not actor.department_path]


def titles(columns: Iterable[Column], lang: Lang) -> list[str]:
    """The heading of each column."""
    return [text(f"cases.sheet.{key}", lang) for key, _, _ in columns]


def rows(actor: Actor, ids: Sequence[UUID], columns: Sequence[Column], *, now: datetime) -> Iterator[list[Value]]:
    """The cases of these ids, in their order. The number of queries grows with thousands of rows, not with rows."""
    contacts = any(key in CONTACT for key, _, _ in columns)
    zone = setting().zone
    for start in range(0, len(ids), CHUNK):
        part = list(ids[start : start + CHUNK])
        loaded = Case.objects.select_related("matter", "department", "grid").only(*LOADED)
        found = {case.pk: case for case in loaded.filter(pk__in=part)}
        chains = grids.chains({case.scope_path for case in found.values()})
        first = _reporters(part) if contacts else {}
        for case in (found[one] for one in part if one in found):
            place = PLACE_SEPARATOR.join(grid.name for grid in chains.get(case.scope_path, ())[1:])
            asked = Asked(case, place, first.get(case.pk), now, actor.lang)
            yield [_safe(value(asked), zone) for _, _, value in columns]


def _reporters(ids: Sequence[UUID]) -> dict[UUID, CaseReporter]:
    """Who reported each case first."""
    found: dict[UUID, CaseReporter] = {}
    for reporter in CaseReporter.objects.filter(case__in=ids).order_by("at", "pk"):
        found.setdefault(reporter.case_id, reporter)
    return found


def _safe(value: Value, zone: Any) -> Value:
    """Local time without a zone, which workbooks do not know; text as text."""
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return plain(value) if isinstance(value, str) else value


def plain(words: str) -> str:
    """Words no spreadsheet takes for a formula, without what a workbook cannot hold."""
    kept = UNPRINTABLE.sub("", words)[:LONGEST]
    return f"'{kept}" if FORMULA.match(kept) else kept


def filter_words(query: CaseQuery, lang: Lang) -> list[tuple[str, str]]:
    """What narrowed the list, as name and value in the reader's language."""
    said: list[tuple[str, str]] = [("tab", text(f"cases.tab.{query.tab}", lang))]
    for name in ("status", "matter", "department", "grid", "channel", "due", "measure", "day_from", "day_to", "hour",
                 "direct", "supervised", "q", "bbox", "within"):  # fmt: skip
        value = getattr(query, name)
        if value not in (None, ""):
            said.append((name, _value(name, value, lang)))
    said.append(("sort", text(f"cases.sort.{SORT_WORDS[query.sort]}", lang)))
    return [(text(f"cases.filter.{name}", lang), plain(value)) for name, value in said]


SORT_WORDS: Final = {"due": "due", "reported": "oldest", "-reported": "newest"}


def _value(name: str, value: Any, lang: Lang) -> str:
    if name == "status":
        return " / ".join(status_word(one, lang) for one in str(value).split(","))
    if name == "channel":
        return word("channel", str(value), lang)
    if name == "matter":
        known = matters.matter(str(value))
        return known.name(lang) if known else str(value)
    if name == "department" and str(value).isdigit():
        known_names = organisations.names([int(value)], "en" if lang == "en" else "zh-CN")
        return known_names.get(int(value), str(value))
    if name == "grid":
        grid = grids.find_grid(str(value))
        return grid.name if grid else str(value)
    if name == "within":
        return str(str(value).strip(";").count(";") + 1)
    if name == "due":
        return text(f"cases.due_filter.{value}", lang)
    if isinstance(value, bool):
        return text(f"cases.choice.{'yes' if value else 'no'}", lang)
    return mask_numbers(str(value))


def _said(asked: Asked, masked: str) -> str:
    return text("cases.sheet.kept_back", asked.lang) if asked.case.confidential else masked


def _yes(on: bool | None, lang: Lang) -> str:
    return "" if on is None else text(f"cases.choice.{'yes' if on else 'no'}", lang)


def _due(asked: Asked) -> str:
    case = asked.case
    state = due_state(case.due_at, case.warn_at, paused=case.paused, now=asked.now)
    return due_text(state, remaining_seconds(case.due_at, asked.now), asked.lang)


def _name(asked: Asked) -> str:
    reporter = asked.reporter
    if reporter is None:
        return ""
    if reporter.anonymous or asked.case.anonymous:
        return text("cases.person.anonymous", asked.lang)
    return mask_name(reporter.name or "") or text("cases.person.resident", asked.lang)


def _phone(asked: Asked) -> str:
    reporter = asked.reporter
    hidden = reporter is None or reporter.anonymous or asked.case.anonymous
    return "" if hidden or reporter is None else mask_phone(reporter.phone or "")


CONTACT: Final = frozenset({"reporter", "phone"})
COLUMNS: Final[tuple[Column, ...]] = (
    ("number", 18, lambda a: a.case.number),
    ("title", 32, lambda a: _said(a, mask_cut_numbers(a.case.title))),
    ("words", 48, lambda a: _said(a, mask_numbers(a.case.words))),
    ("status", 10, lambda a: status_word(a.case.status, a.lang)),
    ("matter", 20, lambda a: named(a.case.matter, a.lang) if a.case.matter else ""),
    ("place", 30, lambda a: a.place),
    ("address", 26, lambda a: mask_numbers(a.case.address)),
    ("department", 22, lambda a: named(a.case.department, a.lang) if a.case.department else ""),
    ("channel", 12, lambda a: word("channel", a.case.channel, a.lang)),
    ("severity", 8, lambda a: word("severity", a.case.severity, a.lang)),
    ("reporter", 12, _name),
    ("phone", 14, _phone),
    ("reported_at", 17, lambda a: a.case.reported_at),
    ("due_at", 17, lambda a: a.case.due_at),
    ("due", 16, _due),
    ("supervised", 8, lambda a: _yes(a.case.supervised, a.lang)),
    ("urged", 8, lambda a: _yes(a.case.urged_at is not None, a.lang)),
    ("on_the_spot", 10, lambda a: _yes(a.case.on_the_spot, a.lang)),
    ("closed_at", 17, lambda a: a.case.closed_at),
    ("in_time", 10, lambda a: _yes(a.case.in_time, a.lang)),
    ("rating", 8, lambda a: a.case.rating),
)
"""The order a dispatcher reads in."""
