"""What a page asks first: which locality is this, how is its land divided, where is the live feed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from ninja import Router, Schema

from onegrid.cases.selectors.setting import reason_lists
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.workforce import selectors as workforce
from onegrid.insight.map.schemas import BaseMapOut
from onegrid.shell.config.middleware import feed_origin

router = Router(tags=["locality"])


class Title(Schema):
    """A name in both languages."""

    zh: str
    en: str


class LevelOut(Schema):
    """One level of a scheme, top first."""

    key: str
    title: Title
    holds: str


class SchemeOut(Schema):
    """One tree of grids."""

    key: str
    title: Title
    levels: list[LevelOut]


class PointOut(Schema):
    """A place in WGS84 degrees."""

    lon: float
    lat: float


class PositionOut(Schema):
    """A kind of role of this locality."""

    key: str
    title: Title
    kind: str
    duties: list[str]
    faces: list[str]


class PhraseOut(Schema):
    """Words ready to hand."""

    key: str
    label: str


class WorkflowOut(Schema):
    """The reasons and phrases pages offer, in the reader's language."""

    reasons: dict[str, list[PhraseOut]]
    quick_phrases: list[PhraseOut]
    words: dict[str, str]


class MapOut(Schema):
    """The version of the map, part of every tile's address; and another service's pictures under it, if any."""

    version: int
    base: BaseMapOut | None


class PhotosOut(Schema):
    """What staff's photos carry in their picture: any of time, place, name; empty: nothing."""

    stamp: list[str]


class LocalityOut(Schema):
    """One deployment."""

    name: str
    title: Title
    kind: str
    schemes: list[SchemeOut]
    divisions: list[LevelOut]
    centre: PointOut
    bbox: tuple[float, float, float, float]
    feed_url: str
    number_prefix: str
    positions: list[PositionOut]
    workflow: WorkflowOut
    demo: bool
    now: datetime
    map: MapOut
    photos: PhotosOut


@router.get("/locality", response=LocalityOut, operation_id="read_locality", summary="Which locality this is")
def read_locality(request: Any) -> Any:
    """Names, schemes, map and feed of the locality the address names. Open to everybody."""
    content = matters.current_pack().content
    known, root = request.locality, grids.root()
    return {
        "name": known.name,
        "title": {"zh": known.title_zh, "en": known.title_en},
        "kind": content["grids"]["kind"],
        "schemes": [
            {"key": scheme.key, "title": _title(scheme), "levels": [_level(level) for level in scheme.levels]}
            for scheme in grids.schemes()
        ],
        "divisions": [_level(level) for level in grids.division_levels()],
        "centre": {"lon": root.lon, "lat": root.lat},
        "bbox": root.bbox,
        "feed_url": f"{feed_origin(request)}/{known.name}/feed",
        "number_prefix": content["grids"]["number_prefix"],
        "positions": [
            {
                "key": position.key, "title": _title(position), "kind": position.kind,
                "duties": list(position.duties), "faces": list(position.faces),
            }
            for position in workforce.positions()
        ],
        "workflow": _workflow(content["cases"], request.lang),
        "demo": settings.ONEGRID_DEMO,
        "now": request.now,
        "map": {"version": grids.map_version(), "base": settings.ONEGRID_BASE_MAP},
        "photos": {"stamp": content.get("files", {}).get("stamp", [])},
    }  # fmt: skip


def _title(thing: Any) -> dict[str, str]:
    return {"zh": thing.title_zh, "en": thing.title_en}


def _level(level: grids.LevelInfo) -> dict[str, Any]:
    return {"key": level.key, "title": _title(level), "holds": level.holds}


def _workflow(part: Any, lang: str) -> dict[str, Any]:
    side = "en" if lang == "en" else "zh"
    return {
        "reasons": reason_lists("en" if lang == "en" else "zh-CN"),
        "quick_phrases": [{"key": row["key"], "label": row["title"][side]} for row in part["quick_phrases"]],
        "words": {key: title[side] for key, title in part["words"].items()},
    }
