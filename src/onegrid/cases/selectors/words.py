"""Turns codes, instants and limits into the reader's words. The words themselves stand in `locale/*/cases.yaml`."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Literal

from onegrid.foundation.kernel.texts import Lang, catalogue, has_text, text

DueState = Literal["in_time", "due_soon", "overdue", "paused", "none"]
MINUTE, HOUR, DAY = 60, 3600, 86400


def status_word(status: str, lang: Lang) -> str:
    """What a status is called."""
    return text(f"cases.status.{status}", lang)


def action_word(action: str, lang: Lang) -> str:
    """What an action is called."""
    return text(f"cases.action.{action}", lang)


def word(area: str, key: str, lang: Lang) -> str:
    """The word for a key of an open list (channels, evidence); the key itself where a pack brought its own."""
    name = f"cases.{area}.{key}"
    return text(name, lang) if has_text(name) else key


def due_state(due_at: datetime | None, warn_at: datetime | None, *, paused: bool, now: datetime) -> DueState:
    """How a deadline stands at `now`."""
    if paused:
        return "paused"
    if due_at is None:
        return "none"
    if now > due_at:
        return "overdue"
    return "due_soon" if warn_at is not None and now >= warn_at else "in_time"


def remaining_seconds(due_at: datetime | None, now: datetime) -> int | None:
    """Wall seconds until `due_at`, negative when it has passed."""
    return None if due_at is None else int((due_at - now).total_seconds())


def due_text(state: DueState, remaining: int | None, lang: Lang) -> str:
    """「剩 3 小时」, 「超 1 天 2 小时」: the two largest units that say something."""
    if state == "paused":
        return text("cases.due.paused", lang)
    if remaining is None:
        return ""
    side = "over" if remaining < 0 else "left"
    seconds = abs(remaining)
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if days:
        unit = "days_hours" if hours else "days"
    elif hours:
        unit = "hours_minutes" if minutes else "hours"
    else:
        unit = "minutes"
    return text(f"cases.due.{side}_{unit}", lang, d=days, h=hours, m=minutes)


def when_text(at: datetime, now: datetime, zone: tzinfo, lang: Lang) -> str:
    """An instant as people say it: 「今天 18:00」, 「11月23日 12:00」."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    time = there.strftime("%H:%M")
    distance = (there.date() - here.date()) // timedelta(days=1)
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(distance)
    if near:
        return text(f"cases.when.{near}", lang, time=time)
    form = "date" if there.year == here.year else "year_date"
    return text(f"cases.when.{form}", lang, year=there.year, month=there.month, day=there.day, time=time)


def limit_text(value: int, unit: str, lang: Lang) -> str:
    """A limit as its catalogue writes it: 「4 工作时」."""
    return text(f"cases.unit.{unit}", lang, n=value)


def options(area: str, lang: Lang) -> list[dict[str, str]]:
    """Every key of a list of words (`status`, `channel`) with its word, in the order of the locale file."""
    prefix = f"cases.{area}."
    return [
        {"key": name.removeprefix(prefix), "label": words}
        for name, words in catalogue(lang).items()
        if name.startswith(prefix)
    ]
