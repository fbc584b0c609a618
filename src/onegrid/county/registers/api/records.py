"""Lists of every kind, search, households and buildings, statistics, and single values shown for a purpose."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from onegrid.county.grids.api import grid_out
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.schemas.records import (
    AlikeIn,
    AlikeOut,
    ChartOut,
    FamilyOut,
    KindList,
    LooksLeftOut,
    RecordOut,
    RecordPage,
    RecordQuery,
    SearchIn,
    SearchOut,
    StatisticsOut,
    ValueIn,
    ValueOut,
)
from onegrid.county.registers.selectors import choices, records, shown
from onegrid.county.registers.selectors.records import Asked
from onegrid.county.registers.selectors.sight import sight
from onegrid.county.registers.selectors.statistics import By
from onegrid.county.registers.services import alike, finding, looks
from onegrid.foundation.accounts import permissions

router = Router(tags=["registers"])


@router.get("/register/kinds", response=KindList, operation_id="list_register_kinds", summary="What the registers hold")
def list_register_kinds(request: Any) -> Any:
    """The kinds and columns the hat worn may see, what it may do with each, and the purposes of a look."""
    permissions.staff(request.actor)
    seen = sight(request.actor)
    english = request.lang == "en"
    kinds = [
        {
            "kind": kind,
            "columns": shown.columns(seen, kind, request.lang),
            "sorts": shown.sorts(kind),
            "filters": shown.filters(kind),
            "edits": seen.edits(kind),
        }
        for kind in seen.kinds()
    ]
    purposes = [
        {"key": one.key, "title": one.title.en if english else one.title.zh, "kinds": list(one.kinds)}
        for one in choices.purposes().values()
    ]
    return {"items": kinds, "purposes": purposes}


@router.get("/register/records/{kind}", response=RecordPage, operation_id="list_records", summary="A list of one kind")
def list_records(request: Any, kind: Kind, query: Query[RecordQuery]) -> Any:
    """Rows in the caller's reach, personal cells masked; residents on the page are put on record as read."""
    permissions.staff(request.actor)
    asked = asked_of(kind, query)
    found = finding.listed(request.actor, asked, cursor=query.cursor, limit=query.limit, now=request.now)
    count = records.total(asked)
    return {
        "items": shown.records(sight(request.actor), kind, found.rows),
        "next": found.next,
        "total": min(count, records.MOST_COUNTED),
        "more": count > records.MOST_COUNTED,
    }


def asked_of(kind: Kind, query: RecordQuery) -> Asked:
    """What a query asks for; fields nothing was said of are left out."""
    inside = {name: getattr(query, name) for name in records.INSIDE}
    chosen = {name: getattr(query, name) for name in ("sex", "relation", "registered", "id_kind", "use")}
    return Asked(
        kind=kind,
        grid=query.grid,
        inside={name: key for name, key in inside.items() if key is not None},
        chosen={name: key for name, key in {**chosen, "kind": query.of_kind}.items() if key},
        born_from=query.born_from,
        born_to=query.born_to,
        missing=query.missing,
        gone=query.gone,
        sort=query.sort,
    )


@router.get("/register/records/{kind}/{int:id}", response=RecordOut, operation_id="read_record", summary="One row")
def read_record(request: Any, kind: Kind, id: int) -> Any:
    """One row, personal cells masked; a resident is put on record as read. 404 outside the caller's reach."""
    permissions.staff(request.actor)
    row = finding.one(request.actor, kind, id, now=request.now)
    return shown.records(sight(request.actor), kind, [row])[0]


@router.post(
    "/register/records/{kind}/{int:id}/reveal",
    response=ValueOut,
    operation_id="reveal_record",
    summary="One value, whole",
)
def reveal_record(request: Any, kind: Kind, id: int, body: ValueIn) -> ValueOut:
    """For a purpose, within the day's budget; the look is logged before the value leaves."""
    permissions.staff(request.actor)
    found = finding.reveal(request.actor, kind, id, body.field, purpose=body.purpose, now=request.now)
    return ValueOut(value=found)


@router.get("/register/looks", response=LooksLeftOut, operation_id="read_looks_left", summary="What is left of a day")
def read_looks_left(request: Any) -> LooksLeftOut:
    """Of the day's budget of whole values, for whoever asks. Asking costs nothing."""
    permissions.staff(request.actor)
    left, daily = looks.left_today(request.actor, now=request.now)
    return LooksLeftOut(left=left, daily=daily)


@router.post("/register/search", response=SearchOut, operation_id="search_register", summary="Find by a few words")
def search_register(request: Any, body: SearchIn) -> Any:
    """By name or its pinyin initials, a whole identity or phone number or its last four, an address, a number.

    People that were found are put on record as searched for.
    """
    permissions.staff(request.actor)
    found = finding.searched(request.actor, body.words, grid=body.grid, kinds=body.kinds, now=request.now)
    seen = sight(request.actor)
    groups = [
        {"kind": hits.kind, "items": shown.records(seen, hits.kind, hits.rows), "more": hits.more} for hits in found
    ]
    return {"groups": groups}


@router.post("/register/alike", response=AlikeOut, operation_id="find_alike", summary="Is it entered already?")
def find_alike(request: Any, body: AlikeIn) -> Any:
    """Buildings, premises or organisations that look like one about to be added: by number, by point, by name."""
    permissions.staff(request.actor)
    found = alike.alike(request.actor, body.kind, dict(body.values), body.lon, body.lat)
    return {"items": shown.records(sight(request.actor), body.kind, found)}


@router.get(
    "/register/households/{int:id}", response=FamilyOut, operation_id="read_household", summary="A household's page"
)
def read_household(request: Any, id: int) -> Any:
    """The family behind a door, who was there before, who owns it; everybody on it is put on record as read."""
    permissions.staff(request.actor)
    return finding.family(request.actor, id, now=request.now)


@router.get(
    "/register/buildings/{int:id}", response=ChartOut, operation_id="read_building", summary="A building's page"
)
def read_building(request: Any, id: int) -> Any:
    """Floors and stairwells, and what is behind each door, in numbers. Names nobody."""
    permissions.staff(request.actor)
    return finding.chart(request.actor, id, now=request.now)


@router.get("/register/statistics", response=StatisticsOut, operation_id="read_statistics", summary="A grid in numbers")
def read_statistics(request: Any, grid: str = "", by: By = "age") -> Any:
    """Totals of a grid (the hat's own when none is asked for) and those below it, and its people or places by one
    property; fewer than five people are not told."""
    permissions.staff(request.actor)
    found = finding.counted(request.actor, grid, by=by, now=request.now)
    english = request.lang == "en"
    totals = [
        {"grid": grid_out(one.grid, english=english), "counts": dict(one.counts)} for one in (found.whole, *found.below)
    ]
    told = [{"key": key, "title": shown.cell_title(by, key, request.lang), "n": n} for key, n in found.cells.items()]
    return {"whole": totals[0], "below": totals[1:], "by": by, "kind": found.kind, "cells": told}
