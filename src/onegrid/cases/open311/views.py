"""The calls of GeoReport v2 over HTTP: read the parameters, make one call, answer in the format of the suffix."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from onegrid.cases.open311 import catalogue, filing, media, requests, updates
from onegrid.cases.open311.answers import Format, Many, One, Refusal, answer, refusal
from onegrid.cases.open311.asking import Asked, filed, requests_asked, span
from onegrid.foundation.kernel.errors import OneGridError
from onegrid.foundation.kernel.texts import has_text, text

log = logging.getLogger("onegrid.open311")

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
UPDATES_SPECIFICATION = "https://github.com/mysociety/fixmystreet/wiki/Open311-FMS---Proposed-differences-to-Open311"
CHANGESET = "2026-03-01T00:00:00Z"
"""When this face last changed, for clients that cache discovery."""

Answer = Many | One
Call = Callable[..., Answer]


def _call(*methods: str) -> Callable[[Call], Callable[..., HttpResponse]]:
    """A view: only these methods, errors in the caller's format, nothing half-done after one."""

    def decorate(work: Call) -> Callable[..., HttpResponse]:
        @csrf_exempt  # programs hold no cookie of ours
        @wraps(work)
        def view(request: HttpRequest, fmt: Format, **path: str) -> HttpResponse:
            if request.method not in methods:
                response = refusal(Refusal(405, f"{request.method} is not offered here"), fmt)
                response["Allow"] = ", ".join(methods)
                return response
            try:
                with transaction.atomic():
                    return answer(work(request, Asked(request), **path), fmt)
            except Refusal as error:
                return refusal(error, fmt)
            except OneGridError as error:
                return refusal(_said(error, request), fmt)

        return view

    return decorate


def _said(error: OneGridError, request: HttpRequest) -> Refusal:
    """Our own error in the standard's words: 403 and 404 as they are, 413, 429 and 503 too, everything else 400."""
    lang: Any = getattr(request, "lang", "zh-CN")
    key = error.key if has_text(error.key) else f"errors.{error.code}"
    lines = [f"{one.field}: {text(one.key, lang, **(one.values or {}))}" for one in error.fields if has_text(one.key)]
    status = error.status if error.status in (403, 404, 413, 415, 429, 503) else 400
    return Refusal(status, *(lines or [text(key, lang, **error.values)]))


def _jurisdiction(request: HttpRequest, asked: Asked) -> Any:
    """This endpoint serves one jurisdiction: a request may leave it out, and no other exists here."""
    around: Any = request
    if around.locality is None:
        raise Refusal(404, "jurisdiction_id was not found")
    said = asked.text("jurisdiction_id")
    if said and said != around.locality.name and said != request.get_host():
        raise Refusal(404, f"jurisdiction_id {said!r} was not found")
    return around


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(f"/{request.locality.name}/open311/v2")  # type: ignore[attr-defined]


def _title(around: Any) -> str:
    return str(around.locality.title_en if around.lang == "en" else around.locality.title_zh)


@_call("GET", "HEAD")
def discovery(request: HttpRequest, asked: Asked) -> Answer:
    """Where the endpoint is and what it speaks."""
    around = _jurisdiction(request, asked)
    formats = ["text/xml", "application/json"]
    shared = {"url": _base(request), "changeset": CHANGESET, "type": "production", "formats": formats}
    return One(
        "discovery",
        {
            "changeset": CHANGESET,
            "contact": text("open311.contact", around.lang, place=_title(around)),
            "key_service": text("open311.key_service", around.lang),
            "endpoints": [
                {"specification": SPECIFICATION, **shared},
                {"specification": UPDATES_SPECIFICATION, **shared},
            ],
        },
    )


@_call("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def unknown(request: HttpRequest, asked: Asked) -> Answer:
    """Any other address below: the standard's own kind of 404."""
    raise Refusal(404, "There is no such resource")


@_call("GET", "HEAD")
def services(request: HttpRequest, asked: Asked) -> Answer:
    """GET services."""
    return Many("services", "service", catalogue.services(_jurisdiction(request, asked).lang))


@_call("GET", "HEAD")
def definition(request: HttpRequest, asked: Asked, code: str) -> Answer:
    """GET services/{service_code}."""
    around = _jurisdiction(request, asked)
    return One("service_definition", catalogue.definition(code, around.lang))


@_call("GET", "HEAD", "POST")
def collection(request: HttpRequest, asked: Asked) -> Answer:
    """GET requests and POST requests."""
    around = _jurisdiction(request, asked)
    if request.method != "POST":
        found = requests.listed(requests_asked(asked, around.now), around.lang, f"{_base(request)}/media/")
        return Many("service_requests", "request", found)
    sender = filing.sender_of(asked.text("api_key"), around.lang)
    wanted = filed(asked)
    repeat = request.headers.get("Idempotency-Key", "")[:200]
    photos = media.keep(asked.files, sender=sender, repeat=repeat, now=around.now)
    done = filing.file(wanted, sender, repeat_key=repeat, photos=photos, now=around.now)
    return Many("service_requests", "request", [done])


@_call("GET", "HEAD")
def single(request: HttpRequest, asked: Asked, number: str) -> Answer:
    """GET requests/{service_request_id}."""
    around = _jurisdiction(request, asked)
    return Many("service_requests", "request", requests.single(number, around.lang, f"{_base(request)}/media/"))


@_call("GET", "HEAD")
def token(request: HttpRequest, asked: Asked, token: str) -> Answer:
    """GET tokens/{token}."""
    _jurisdiction(request, asked)
    return Many("service_requests", "request", [requests.of_token(token)])


@_call("GET", "HEAD", "POST")
def request_updates(request: HttpRequest, asked: Asked) -> Answer:
    """GET and POST servicerequestupdates."""
    around = _jurisdiction(request, asked)
    if request.method == "POST":
        sender = filing.sender_of(asked.text("api_key"), around.lang)
        rows = [updates.add(asked, sender, now=around.now)]
    else:
        begin, end = span(asked, around.now)
        rows = updates.feed(begin, end, asked.window(), lang=around.lang, now=around.now)
    return Many("service_request_updates", "request_update", rows)
