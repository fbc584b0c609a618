"""The addresses of OGC API – Features, below `ogc`."""

from __future__ import annotations

from django.urls import path, re_path

from onegrid.foundation.features import views

NAME = r"(?P<name>[a-z][a-z0-9_]{0,40})"

urlpatterns = [
    re_path(r"^/?$", views.landing),
    path("/api", views.description),
    path("/conformance", views.conformance),
    path("/collections", views.collections),
    re_path(rf"^/collections/{NAME}$", views.collection),
    re_path(rf"^/collections/{NAME}/schema$", views.schema),
    re_path(rf"^/collections/{NAME}/items$", views.items),
    re_path(rf"^/collections/{NAME}/items/(?P<feature>[^/]{{1,80}})$", views.item),
]
