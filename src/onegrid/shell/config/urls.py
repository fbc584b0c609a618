"""Which path goes where, after the locality's prefix has been taken off."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from onegrid.shell.config import health, pages, preflight
from onegrid.shell.config.api import api
from onegrid.shell.config.middleware import FACES

handler404 = pages.missing
handler500 = pages.broken

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.view, name="health"),
    path("api/v1/", api.urls),
    path("ogc", include("onegrid.foundation.features.urls")),
    path("open311/", include("onegrid.cases.open311.urls")),
    path("", pages.doors, name="doors"),
    path("preflight", preflight.page, name="preflight"),
    path("certificate.crt", preflight.certificate, name="certificate"),
    *(re_path(rf"^{name}/(?P<path>.*)$", pages.face, {"name": name}, name=name) for name in FACES),
]
