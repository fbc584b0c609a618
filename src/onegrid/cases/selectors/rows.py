"""Cases as lines of a queue: plain dictionaries in the reader's language, ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from onegrid.cases.models import Case
from onegrid.cases.selectors.words import due_state, due_text, remaining_seconds, status_word, word
from onegrid.county.grids import selectors as grids
from onegrid.foundation.kernel.texts import Lang

PLACE_SEPARATOR = " · "
PLACE_DEPTH = 3
"""How many names of the chain a place shows: the nearest ones say most."""


def utc(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with a `Z`, the only form times leave in."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def named(thing: Any, lang: Lang) -> str:
    """The name of a catalogue thing in the reader's language; Chinese when it has no other."""
    english = getattr(thing, "name_en", "") if lang == "en" else ""
    return english or getattr(thing, "name_zh", "") or getattr(thing, "name", "")


def ref(thing: Any, lang: Lang) -> dict[str, str] | None:
    """Id and name, or nothing."""
    return None if thing is None else {"id": str(thing.id), "name": named(thing, lang)}


def matter_ref(matter: Any, lang: Lang) -> dict[str, str] | None:
    """Code and name, or nothing."""
    return None if matter is None else {"code": matter.code, "name": named(matter, lang)}


def thumb_path(photo: object) -> str | None:
    """Where a small picture is fetched, relative to the API."""
    return None if photo is None else f"photos/{photo}?size=thumb"


def due_of(case: Case, now: datetime, lang: Lang) -> dict[str, Any]:
    """The case's earliest running clock, in words and seconds."""
    state = due_state(case.due_at, case.warn_at, paused=case.paused, now=now)
    remaining = remaining_seconds(case.due_at, now)
    return {
        "at": utc(case.due_at),
        "kind": case.due_kind,
        "kind_word": word("clock", case.due_kind, lang) if case.due_kind else "",
        "state": state,
        "remaining_s": remaining,
        "text": due_text(state, remaining, lang),
    }


def place_names(chain: Sequence[Any]) -> str:
    """The nearest names of a chain, top first; a name that the next one begins with says nothing of its own."""
    names = [grid.name for grid in chain[1:] or chain]
    telling = [name for name, below in zip(names, [*names[1:], ""], strict=False) if not below.startswith(name)]
    return PLACE_SEPARATOR.join(telling[-PLACE_DEPTH:])


def case_rows(cases: Iterable[Case], *, now: datetime, lang: Lang) -> list[dict[str, Any]]:
    """Queue lines for cases loaded with matter, department and grid; one query for all the places."""
    found = list(cases)
    chains = grids.chains({case.scope_path for case in found})
    return [case_row(case, chains.get(case.scope_path, ()), now=now, lang=lang) for case in found]


def case_row(case: Case, chain: Sequence[Any], *, now: datetime, lang: Lang) -> dict[str, Any]:
    """One queue line."""
    return {
        "id": str(case.pk),
        "number": case.number,
        "title": case.title,
        "status": case.status,
        "status_word": status_word(case.status, lang),
        "matter": matter_ref(case.matter, lang),
        "place": place_names(chain),
        "grid": ref(grid_of(case, chain), lang),
        "lon": case.lon,
        "lat": case.lat,
        "department": ref(case.department, lang),
        "reported_at": utc(case.reported_at),
        "due": due_of(case, now, lang),
        "supervised": case.supervised,
        "urged": case.urged_at is not None,
        "severity": case.severity,
        "thumb": thumb_path(case.thumb),
        "channel": case.channel,
        "channel_word": word("channel", case.channel, lang),
        "version": case.version,
    }


def grid_of(case: Case, chain: Sequence[Any]) -> Any:
    """The grid a case lies in: the last of its chain, which is at hand."""
    return chain[-1] if chain and chain[-1].id == case.grid_id else case.grid


def chain_out(chain: Sequence[Any], lang: Lang) -> list[dict[str, str]]:
    """The chain of grids a place lies in, top first."""
    return [
        {
            "id": str(grid.id),
            "code": grid.code,
            "name": grid.name,
            "level": grid.level,
            "level_title": grid.level_en if lang == "en" else grid.level_zh,
            "scope_path": grid.scope_path,
        }
        for grid in chain
    ]


def photo_out(photo: Any, track_code: str = "") -> dict[str, Any]:
    """A picture of the case, by paths relative to the API; who came by a tracking code gets it along."""
    path, code = f"photos/{photo.id}", f"track_code={track_code}"
    return {
        "id": str(photo.id),
        "url": f"{path}?{code}" if track_code else path,
        "thumb": f"{path}?size=thumb&{code}" if track_code else f"{path}?size=thumb",
        "kind": photo.kind,
        "taken_at": utc(photo.taken_at),
    }
