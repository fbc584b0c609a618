"""A township that drafts its grids and a county that decides, for tests of drafts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import encode_multipart
from support.households import door, home, signed_in
from support.people import Api
from support.world import World

from onegrid.county.grids import selectors, tasks
from onegrid.county.grids.models import Grid, GridOutline
from onegrid.county.registers.models import Building
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal import tasks as journal
from onegrid.shell.wiring import HANDLERS

TOWN, VILLAGE = "990101001", "990101001001"


class Office:
    """A township's draughtsman, the county's administrator, and one village with a leaf grid of two homes."""

    def __init__(self, world: World, locality: str) -> None:
        self.world, self.locality = world, locality
        self.leaf, self.village = world.leaf, world.planted[VILLAGE]
        with in_locality(locality):
            self.township = signed_in(locality, world.staff("dispatcher", scope=world.planted[TOWN].scope_path))
            self.county = signed_in(locality, world.staff("administrator"))
            self.dispatcher = signed_in(locality, world.staff("dispatcher", scope="r."))
            self.bounds = selectors.grid(self.leaf.id).bbox
            west, south, east, north = self.bounds
            self.middle = ((west + east) / 2, (south + north) / 2)
            self.homes = [door(self.leaf, street="西街1号"), door(self.leaf, street="东街1号")]
            for made, lon in zip(self.homes, (self.at(0.25), self.at(0.75)), strict=True):
                Building.objects.filter(pk=made.building_id).update(lon=lon, lat=self.middle[1])
                home(made, {"name": "甲"}, {"name": "乙"})

    def at(self, share: float) -> float:
        """A longitude from the leaf's west to its east border."""
        west, _, east, _ = self.bounds
        return west + (east - west) * share

    def begin(self, api: Api | None = None) -> dict[str, Any]:
        """A draft of the village's town grids."""
        body = {"grid": self.village.id, "scheme": "town", "title": "调整"}
        answer = (api or self.township).post("/grids/drafts", body)
        assert answer.status_code == 201, answer.content
        return dict(answer.json())

    def cut(self, draft: str, share: float = 0.5, cell: str = "") -> Any:
        """Split the leaf from north to south."""
        x = self.at(share)
        line = {"type": "LineString", "coordinates": [[x, self.bounds[1] - 0.001], [x, self.bounds[3] + 0.001]]}
        body = {"cell": cell or f"g{self.leaf.id}", "line": line, "names": ["西楼", "东楼"]}
        return self.township.post(f"/grids/drafts/{draft}/split", body)

    def cells(self, draft: str, level: str = "building") -> list[dict[str, Any]]:
        """The cells of a level as the page gets them."""
        return list(self.township.get(f"/grids/drafts/{draft}/cells?level={level}").json()["features"])

    def approve(self, draft: str, **more: Any) -> Any:
        """Sent by the township, approved by the county."""
        sent = self.township.post(f"/grids/drafts/{draft}/send", {"note": "请批准"})
        assert sent.status_code == 200, sent.content
        return self.county.post(f"/grids/drafts/{draft}/decide", {"approve": True, **more})

    def night(self, now: datetime | None = None) -> int:
        """What the background does: apply what is due, and hand events to who hears of them."""
        now = now or datetime.now(UTC)
        done = tasks.apply_due(self.locality, now)
        while journal.deliver(self.locality, HANDLERS, lambda: now):
            pass
        return done


def outline_of(grid: Grid | int) -> shapely.Geometry:
    """A grid's border of today. Inside a standing."""
    return shapely.from_wkb(bytes(GridOutline.objects.get(grid=grid, valid_to=None).wkb))


def geojson(shape: shapely.Geometry) -> dict[str, Any]:
    """A geometry as the API takes it."""
    return dict(shapely.geometry.mapping(shape))


def upload(
    api: Api, fields: dict[str, Any], content: bytes, *, name: str = "grids.geojson", path: str = "/grids/drafts/import"
) -> Any:
    """A file of grids with form fields."""
    data = encode_multipart("sheet", {**fields, "file": SimpleUploadedFile(name, content)})
    return api.call("POST", path, data=data, content_type="multipart/form-data; boundary=sheet")


def collection(*shapes: Any, names: list[str]) -> bytes:
    """Outlines as GeoJSON."""
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": geojson(shape)}
        for shape, name in zip(shapes, names, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
