"""What happens around every request, outermost first: headers, pages, locality and transaction."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import set_script_prefix

from onegrid.foundation.database import localities
from onegrid.foundation.database.context import acting
from onegrid.foundation.database.localities import Locality
from onegrid.foundation.database.standing import NAME, Standing
from onegrid.foundation.kernel.texts import choose_lang
from onegrid.shell.config import basemap, problems

Answer = Callable[[HttpRequest], HttpResponseBase]

log = logging.getLogger("onegrid.web")

FACES: Final = ("desk", "worker", "resident")
NOT_LOCALITIES: Final = frozenset({*FACES, "api", "open311", "ogc", "healthz", "feed", "static", "preflight"})
REQUEST_ID: Final = re.compile(r"[\w.-]{8,64}")

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{pictures}; "
    "font-src 'self' data:; media-src 'self' blob:; connect-src 'self'{feed}{pictures}; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)


def policy(feed: str) -> str:
    """What a page may load: our own things, the live feed, and the pictures under the map where there are any."""
    pictures = "".join(f" {origin}" for origin in basemap.origins(settings.ONEGRID_BASE_MAP))
    return POLICY.format(feed=f" {feed}" if feed else "", pictures=pictures)


class HeadersMiddleware:
    """Gives the request its id, language and time, and every answer its security headers."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        around: Any = request
        given = request.headers.get("X-Request-ID", "")
        around.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        around.lang = choose_lang(request.headers.get("Accept-Language"))
        around.now = datetime.now(UTC)
        response = self.get_response(request)
        feed = feed_origin(request)
        response.headers["X-Request-ID"] = around.request_id
        response.headers.setdefault("Content-Security-Policy", policy(feed))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self)")
        if isinstance(response, HttpResponse):
            # Else it would leave in chunks.
            response.headers.setdefault("Content-Length", str(len(response.content)))
        # With a certificate of our own, who does not trust it yet must still reach the page that tells how.
        if request.is_secure() and not settings.ONEGRID_AUTHORITY:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


class LocalityMiddleware:
    """Finds the locality, takes its prefix off the path, and opens the one transaction of the request.

    The transaction is committed before the answer leaves. A refused or failed request leaves nothing behind: what must
    survive a refusal (a failed sign-in, a look at someone's data) opens a transaction of its own.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        set_script_prefix("/")
        around: Any = request
        around.locality = None
        if request.path_info == "/healthz":
            return self.get_response(request)
        found, rest = find_locality(request)
        if found is None:
            return self.get_response(request)
        if rest == "":
            return HttpResponsePermanentRedirect(f"{request.path}/")
        around.locality = found
        if rest != request.path_info:
            prefix = f"/{found.name}"
            request.path_info = rest
            request.META["SCRIPT_NAME"] = prefix
            request.META["PATH_INFO"] = rest
            set_script_prefix(f"{prefix}/")
        with acting(Standing(found.name, "")):
            response = self.get_response(request)
            if response.status_code >= 400 and not getattr(request, "keep_writes", False):
                transaction.set_rollback(True)
        return _afterwards(request, response)


def _afterwards(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer of what a view left to be done after its transaction, in transactions of its own; else the view's."""
    later: Callable[[], HttpResponseBase] | None = getattr(request, "afterwards", None)
    if later is None or response.status_code >= 400:
        return response
    try:
        return later()
    except Exception as why:
        return problems.respond(request, why)


def find_locality(request: HttpRequest) -> tuple[Locality | None, str]:
    """The locality of a request and the rest of its path: by first segment, else by host, else the only one."""
    path = request.path_info
    first, slash, rest = path.lstrip("/").partition("/")
    if NAME.fullmatch(first) and first not in NOT_LOCALITIES:
        found = localities.find(first)
        if found is not None:
            return found, f"{slash}{rest}"
    return localities.by_host(request.get_host()), path


def feed_origin(request: HttpRequest) -> str:
    """Where the live feed listens, as the browser sees it: configured, or our own host on the next port."""
    if settings.ONEGRID_FEED_URL:
        return str(settings.ONEGRID_FEED_URL)
    try:
        host = request.get_host()
    except problems.SUSPICIOUS:
        return ""
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdigit():
        name, port = host, "443" if request.is_secure() else "80"
    return f"{request.scheme}://{name}:{int(port) + 1}"
