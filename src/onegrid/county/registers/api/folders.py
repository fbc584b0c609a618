"""Who looks after the place I live in. Open to everybody: names of people in charge are public, no more is told."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids.api import grid_out
from onegrid.county.registers import folders, selectors
from onegrid.county.registers.schemas.folders import (
    CentreOut,
    ChoiceWord,
    FolderContents,
    FolderList,
    FolderOut,
    LeaderOut,
    MyGridOut,
    NameOut,
    NameRevealIn,
)
from onegrid.foundation.accounts import permissions

router = Router(tags=["grids"])


@router.get("/my-grid", response=MyGridOut, operation_id="my_grid", summary="Who looks after a place")
def my_grid(
    request: Any, lon: float = Query(..., ge=-180, le=180), lat: float = Query(..., ge=-90, le=90)
) -> MyGridOut:
    """The smallest grid at a point, its leader and its centre; 404 outside the locality."""
    found = selectors.my_grid(lon, lat, lang=request.lang, now=request.now)
    return MyGridOut(
        grid=grid_out(found.place.leaf, english=request.lang == "en"),
        address=found.place.address,
        leader=LeaderOut(name=found.leader.name, title=found.leader.title) if found.leader else None,
        centre=CentreOut(name=found.centre.name, phone=found.centre.phone or None, line=found.centre.line),
    )


@router.get(
    "/register/folders", response=FolderList, operation_id="list_folders", summary="The people of my grids, by grid"
)
def list_folders(request: Any) -> FolderList:
    """What of the register may lie on the phone. Fetch only folders whose digest is not there yet; drop the rest."""
    permissions.staff(request.actor)
    found = folders.folders(request.actor)
    english = request.lang == "en"
    editing = folders.editing(request.actor, request.lang)
    named = {name: [ChoiceWord(key=key, title=title) for key, title in rows] for name, rows in editing.choices.items()}
    items = [FolderOut(**_folder(one, english)) for one in found.items]
    return FolderList(items=items, too_wide=found.too_wide, access=editing.access, choices=named)


@router.get(
    "/register/folders/{int:grid_id}",
    response=FolderContents,
    operation_id="read_folder",
    summary="One of them, opened",
)
def read_folder(request: Any, grid_id: int) -> Any:
    """Houses, doors and residents of a leaf grid, names masked; 404 outside the caller's grids."""
    permissions.staff(request.actor)
    found = folders.contents(request.actor, grid_id)
    return {**_folder(found.folder, request.lang == "en"), "houses": [asdict(one) for one in found.houses]}


@router.post(
    "/register/residents/{int:id}/reveal", response=NameOut, operation_id="reveal_resident", summary="A whole name"
)
def reveal_resident(request: Any, id: int, body: NameRevealIn) -> NameOut:
    """For a purpose; the look is logged before the name leaves."""
    permissions.staff(request.actor)
    return NameOut(name=folders.reveal(request.actor, id, purpose=body.purpose, now=request.now))


def _folder(one: folders.Folder, english: bool) -> dict[str, Any]:
    return {
        "grid": grid_out(one.grid, english=english),
        "households": one.households,
        "people": one.people,
        "digest": one.digest,
    }
