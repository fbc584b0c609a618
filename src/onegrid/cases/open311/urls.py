"""The addresses of GeoReport v2, below `open311/`. The suffix chooses the format."""

from __future__ import annotations

from django.urls import re_path

from onegrid.cases.open311 import media, views

FMT = r"\.(?P<fmt>json|xml)$"

urlpatterns = [
    re_path(rf"^(?:v2/)?discovery{FMT}", views.discovery),
    re_path(rf"^v2/services{FMT}", views.services),
    re_path(rf"^v2/services/(?P<code>[^/]{{1,60}}?){FMT}", views.definition),
    re_path(rf"^v2/requests{FMT}", views.collection),
    # The 2.1 draft writes /request/{id}: a slip that clients copied.
    re_path(rf"^v2/requests?/(?P<number>[^/]{{1,60}}?){FMT}", views.single),
    re_path(rf"^v2/tokens/(?P<token>[^/]{{1,100}}?){FMT}", views.token),
    re_path(rf"^v2/servicerequestupdates{FMT}", views.request_updates),
    re_path(rf"(?s)^.*{FMT}", views.unknown),
    re_path(r"^v2/media/(?P<photo>[0-9a-f-]{36})$", media.picture),
]
