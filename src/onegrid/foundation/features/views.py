"""The calls of OGC API – Features: read the parameters, ask one collection, answer in GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import quote, urlencode

import shapely
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from onegrid.foundation.features import asking, crs, documents
from onegrid.foundation.features.asking import link
from onegrid.foundation.features.collections import Collection, Extent, Feature, registered
from onegrid.foundation.kernel.errors import Forbidden, NotFound, NotSignedIn, OneGridError
from onegrid.foundation.kernel.texts import has_text, text

Call = Callable[..., HttpResponse]


def _call(work: Call) -> Call:
    """A view: reading only, errors as the standard likes them."""

    @csrf_exempt
    @wraps(work)
    def view(request: HttpRequest, **path: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            response = _json({"code": "method_not_allowed", "description": str(request.method)}, status=405)
            response["Allow"] = "GET, HEAD, OPTIONS"
            return response
        try:
            with transaction.atomic():
                return work(request, **path)
        except OneGridError as error:
            return _refused(request, error)

    return view


def _refused(request: HttpRequest, error: OneGridError) -> HttpResponse:
    lang: Any = getattr(request, "lang", "zh-CN")
    key = error.key if has_text(error.key) else f"errors.{error.code}"
    said = text(key, lang, **error.values) if has_text(key) else error.code
    response = _json({"code": error.code, "description": said}, status=error.status)
    if isinstance(error, NotSignedIn):
        response["WWW-Authenticate"] = 'Bearer realm="OneGrid"'
    return response


def _json(body: Any, *, kind: str = documents.JSON, status: int = 200) -> HttpResponse:
    response = HttpResponse(json.dumps(body, ensure_ascii=False, default=_plain), content_type=kind, status=status)
    response["Cache-Control"] = "private, no-cache"
    # Read by pages of other systems with a token of their own; no cookie goes along.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)


def _root(request: HttpRequest) -> str:
    """The address of the landing page, without closing slash."""
    return request.build_absolute_uri(f"{request.META.get('SCRIPT_NAME', '')}/ogc")


def _title(request: Any) -> str:
    known = request.locality
    return str(known.title_en if request.lang == "en" else known.title_zh)


@_call
def landing(request: Any) -> HttpResponse:
    """Where to go from here."""
    asking.only(request, asking.COMMON)
    return _json(documents.landing(_root(request), _title(request), request.lang))


@_call
def conformance(request: Any) -> HttpResponse:
    """Which parts of the standard hold here."""
    asking.only(request, asking.COMMON)
    return _json(documents.conformance())


@_call
def description(request: Any) -> HttpResponse:
    """The API's own description."""
    asking.only(request, asking.COMMON)
    seen = [one for one in registered() if _allowed(request, one)]
    return _json(documents.openapi(_root(request), _title(request), seen), kind=documents.OPENAPI)


@_call
def collections(request: Any) -> HttpResponse:
    """The collections the caller may see."""
    asking.only(request, asking.COMMON)
    seen = [(one, one.extent(request.actor)) for one in registered() if _allowed(request, one)]
    return _json(documents.collections(_root(request), seen, request.lang))


@_call
def collection(request: Any, name: str) -> HttpResponse:
    """One collection."""
    asking.only(request, asking.COMMON)
    one = _find(request, name)
    extent: Extent = one.extent(request.actor)
    return _json(documents.collection(_root(request), one, extent, request.lang))


@_call
def schema(request: Any, name: str) -> HttpResponse:
    """The properties of a collection's features."""
    asking.only(request, asking.COMMON)
    one = _find(request, name)
    return _json(documents.schema(_root(request), one, request.lang), kind="application/schema+json")


@_call
def items(request: Any, name: str) -> HttpResponse:
    """A page of features, and the way to the next."""
    one = _find(request, name)
    reading = asking.items(request, one.filters)
    found = one.items(request.actor, reading.asked)
    here = f"{_root(request)}/collections/{one.id}"
    given = {key: value for key, value in request.GET.items() if key != "cursor"}
    own = urlencode({**given, **({"cursor": reading.asked.after} if reading.asked.after else {})})
    title = text(one.title, request.lang)
    links = [
        link(f"{here}/items{'?' if own else ''}{own}", "self", documents.GEOJSON, title),
        link(here, "collection", documents.JSON, title),
    ]
    if found.following:
        ahead = urlencode({**given, "cursor": found.following})
        links.append(link(f"{here}/items?{ahead}", "next", documents.GEOJSON, title))
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": request.now,
        "numberReturned": len(found.features),
        "links": links,
        "features": [_feature(feature, reading.crs) for feature in found.features],
    }
    if found.matched is not None:
        body["numberMatched"] = found.matched
    return _with_crs(_json(body, kind=documents.GEOJSON), reading.crs)


@_call
def item(request: Any, name: str, feature: str) -> HttpResponse:
    """One feature."""
    asking.only(request, asking.COMMON | {"crs"})
    one = _find(request, name)
    written = asking.system(request.GET.get("crs", ""), "crs")
    found = one.one(request.actor, feature)
    if found is None:
        raise NotFound()
    here = f"{_root(request)}/collections/{one.id}"
    title = text(one.title, request.lang)
    body = _feature(found, written) | {
        "links": [
            link(f"{here}/items/{quote(found.id, safe='')}", "self", documents.GEOJSON, title),
            link(here, "collection", documents.JSON, title),
        ]
    }
    return _with_crs(_json(body, kind=documents.GEOJSON), written)


def _feature(feature: Feature, written: str) -> dict[str, Any]:
    shape = crs.told(feature.shape, written)
    geometry = json.loads(shapely.to_geojson(shape)) if shape is not None else None
    return {"type": "Feature", "id": feature.id, "geometry": geometry, "properties": dict(feature.properties)}


def _with_crs(response: HttpResponse, written: str) -> HttpResponse:
    response["Content-Crs"] = f"<{written}>"
    return response


def _allowed(request: Any, one: Collection) -> bool:
    try:
        one.allowed(request.actor)
    except (Forbidden, NotSignedIn):
        return False
    return True


def _find(request: Any, name: str) -> Collection:
    """A collection the caller may see. Raises `NotFound`, and what `allowed` raises."""
    one = next((one for one in registered() if one.id == name), None)
    if one is None:
        raise NotFound()
    one.allowed(request.actor)
    return one
