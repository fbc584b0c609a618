"""A page that tells what this browser allows, and the certificate a phone has to trust before it allows everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onegrid.shell.config import pages
from onegrid.shell.config.middleware import feed_origin

CHECKS: Final = (
    ("secure", "worker_only"), ("trusted", "worker_only"), ("store", "needed"), ("offline", "worker_only"),
    ("crypto", "worker_only"), ("locks", "worker_only"), ("position", "nice"), ("live", "nice"), ("map", "nice"),
    ("awake", "nice"), ("camera", "nice"), ("scan", "nice"),
)  # fmt: skip
"""What is looked at, and how much hangs on it. `preflight.js` knows how to look."""
ASKS: Final = frozenset({"position", "camera"})
"""What the browser allows only after asking the person."""


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page itself; the browser fills in what it finds."""
    say = pages.words_of("preflight", pages.language(request))
    authority = _authority()
    context: dict[str, Any] = {
        **pages.common(request),
        "say": say,
        "checks": [
            {
                "key": key, "title": say[key], "advice": say[f"{key}_no"], "for_whom": say[weight], "weight": weight,
                "asks": key in ASKS,
            }
            for key, weight in CHECKS
        ],
        "feed": f"{feed_origin(request)}/",
        "fingerprint": _fingerprint(authority) if authority else "",
    }  # fmt: skip
    response = render(request, "onegrid/preflight.html", context)
    response["Cache-Control"] = pages.NO_CACHE
    return response


@require_safe
def certificate(_request: HttpRequest) -> HttpResponse:
    """The public half of what phones are told to trust; 404 where no certificate of our own is in use."""
    authority = _authority()
    if authority is None:
        raise Http404
    return HttpResponse(
        authority,
        content_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": 'attachment; filename="onegrid.crt"', "Cache-Control": pages.NO_CACHE},
    )


def _authority() -> bytes | None:
    path = Path(settings.ONEGRID_AUTHORITY) if settings.ONEGRID_AUTHORITY else None
    return path.read_bytes() if path is not None and path.is_file() else None


def _fingerprint(authority: bytes) -> str:
    """As phones show it: pairs of digits with colons between."""
    return x509.load_pem_x509_certificate(authority).fingerprint(hashes.SHA256()).hex(":").upper()
