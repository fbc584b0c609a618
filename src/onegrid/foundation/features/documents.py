"""The documents around the features: landing page, conformance, collections, and the API's own description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from onegrid.foundation.features import crs
from onegrid.foundation.features.asking import MOST, USUAL, link
from onegrid.foundation.features.collections import Collection, Extent
from onegrid.foundation.kernel.texts import Lang, text

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
CONFORMS: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)


def landing(root: str, title: str, lang: Lang) -> dict[str, Any]:
    """Where to go from here."""
    return {
        "title": title,
        "description": text("features.description", lang),
        "links": [
            link(f"{root}/", "self", JSON, title),
            link(f"{root}/api", "service-desc", OPENAPI, text("features.api", lang)),
            link(f"{root}/conformance", "conformance", JSON, text("features.conformance", lang)),
            link(f"{root}/collections", "data", JSON, text("features.collections", lang)),
        ],
    }


def conformance() -> dict[str, Any]:
    """Which parts of the standard hold here."""
    return {"conformsTo": list(CONFORMS)}


def collections(root: str, known: Sequence[tuple[Collection, Extent]], lang: Lang) -> dict[str, Any]:
    """All collections the reader may see."""
    return {
        "links": [link(f"{root}/collections", "self", JSON, text("features.collections", lang))],
        "crs": list(crs.OFFERED),
        "collections": [collection(root, one, extent, lang) for one, extent in known],
    }


def collection(root: str, one: Collection, extent: Extent, lang: Lang) -> dict[str, Any]:
    """One collection."""
    here, title = f"{root}/collections/{one.id}", text(one.title, lang)
    moments = [at.isoformat().replace("+00:00", "Z") if at else None for at in (extent.since, extent.until)]
    return {
        "id": one.id,
        "title": title,
        "description": text(one.description, lang),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [list(extent.box)], "crs": crs.CRS84},
            "temporal": {
                "interval": [moments],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        },
        "crs": list(crs.OFFERED),
        "storageCrs": crs.CRS84,
        "links": [
            link(here, "self", JSON, title),
            link(f"{here}/items", "items", GEOJSON, title),
            link(f"{here}/schema", "describedby", "application/schema+json", title),
        ],
    }


def schema(root: str, one: Collection, lang: Lang) -> dict[str, Any]:
    """The properties of a collection's features, as JSON Schema."""
    found: dict[str, Any] = {}
    for name, kind in one.properties.items():
        timed = kind == "date-time"
        found[name] = {"type": "string", "format": kind} if timed else {"type": kind}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root}/collections/{one.id}/schema",
        "type": "object",
        "title": text(one.title, lang),
        "properties": {"geometry": {"$ref": one.geometry}, **found},
    }


def openapi(root: str, title: str, known: Sequence[Collection]) -> dict[str, Any]:
    """The API's description, OpenAPI 3.0."""

    def parameter(name: str, about: str, shape: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "description": about, "schema": shape,
                "style": "form", "explode": False}  # fmt: skip

    word = {"type": "string"}
    usual = [
        parameter("bbox", "west,south,east,north", {"type": "array", "minItems": 4, "maxItems": 6,
                                                    "items": {"type": "number"}}),
        parameter("datetime", "An instant or an interval, RFC 3339; .. is open.", word),
        parameter("limit", "Features of a page.", {"type": "integer", "minimum": 1, "maximum": MOST,
                                                   "default": USUAL}),
        parameter("crs", "Coordinate system of the answer.", {**word, "format": "uri"}),
        parameter("bbox-crs", "Coordinate system of bbox.", {**word, "format": "uri"}),
    ]  # fmt: skip

    def call(summary: str, kind: str, parameters: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        answers = {"200": {"description": summary, "content": {kind: {"schema": {"type": "object"}}}}}
        for status, why in (("400", "A parameter makes no sense"), ("401", "Sign in"), ("404", "Not found")):
            answers[status] = {"description": why, "content": {JSON: {"schema": {"type": "object"}}}}
        return {"get": {"summary": summary, "parameters": list(parameters), "responses": answers}}

    paths = {
        "/": call("Landing page", JSON),
        "/conformance": call("Conformance", JSON),
        "/collections": call("Collections", JSON),
    }
    for one in known:
        here = f"/collections/{one.id}"
        own = [parameter(name, "Exactly this value.", word) for name in one.filters]
        fid = {"name": "featureId", "in": "path", "required": True, "schema": word}
        paths[here] = call(one.id, JSON)
        paths[f"{here}/items"] = call(f"Features of {one.id}", GEOJSON, [*usual, *own])
        paths[f"{here}/items/{{featureId}}"] = call(f"One of {one.id}", GEOJSON, [fid, usual[3]])
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
    }
