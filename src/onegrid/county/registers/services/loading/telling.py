"""Imports in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from onegrid.county.registers.models import Import
from onegrid.county.registers.rules.kinds import COLUMNS, Kind
from onegrid.county.registers.rules.sheets import headers
from onegrid.county.registers.rules.sheets.problems import Problem
from onegrid.county.registers.services.loading import runs
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.texts import Lang, has_text, text


def told(some: Sequence[Import], lang: Lang, *, now: datetime) -> list[dict[str, Any]]:
    """Imports as the API tells them; one question for the names."""
    users = {run.user for run in some if run.user}
    with widened("hats"):
        names = accounts.names_of(sorted(users)) if users else {}
    return [_told(run, names.get(run.user or 0, ""), lang, now) for run in some]


def _told(run: Import, by: str, lang: Lang, now: datetime) -> dict[str, Any]:
    done = run.added + run.changed + run.same + run.bad
    # Its process is gone: it does not run, and says so until the next one takes it up.
    state = "stalled" if runs.is_silent(run, now) else run.state
    return {
        "id": str(run.pk), "kind": run.kind, "name": run.name, "encoding": run.encoding, "mode": run.mode,
        "state": run.state, "state_title": text(f"register_loading.states.{state}", lang),
        "failure": _failure(run.failure, lang), "done": done, "total": max(run.total, done), "added": run.added,
        "changed": run.changed, "same": run.same, "bad": run.bad, "by": by, "created_at": run.created_at,
        "started_at": run.started_at, "finished_at": run.finished_at,
        "left_seconds": _left(run, done, now) if state == "running" else None,
        "report": bool(run.bad and run.stored),
    }  # fmt: skip


def _failure(word: str, lang: Lang) -> str:
    key = f"register_sheets.refused.{word}"
    return text(key, lang) if word and has_text(key) else word


def _left(run: Import, done: int, now: datetime) -> int | None:
    if run.state != "running" or not run.started_at or not done:
        return None
    spent = (now - run.started_at).total_seconds()
    return max(0, round(spent / done * (run.total - done)))


def problems(run: Import, some: Sequence[Problem], lang: Lang) -> list[dict[str, Any]]:
    """Problems as the API tells them."""
    kind: Kind = run.kind  # type: ignore[assignment]
    known = {one.key: headers.title(kind, one.key, lang) for one in COLUMNS[kind]}
    return [
        {"line": one.line, "column": one.column, "title": known.get(one.column, ""), "value": one.value,
         "reason": one.words(lang)}
        for one in some
    ]  # fmt: skip


def report_name(run: Import, lang: Lang) -> str:
    """What the workbook of bad rows is called."""
    return text("register_loading.files.report", lang, name=run.name.rpartition(".")[0] or run.name) + ".xlsx"


def template_name(kind: Kind, lang: Lang) -> str:
    """What an empty sheet is called."""
    return text("register_loading.files.template", lang, kind=text(f"register_sheets.kind.{kind}", lang)) + ".xlsx"
