"""The one API: every module's router, one shape of errors, one OpenAPI document."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI, Router

from onegrid.shell.config import problems

ROUTERS = (
    "onegrid.foundation.accounts.api",
    "onegrid.foundation.files.api",
    "onegrid.county.grids.api",
    "onegrid.county.organisations.api",
    "onegrid.county.matters.api",
    "onegrid.county.registers.api",
    "onegrid.cases.api",
    "onegrid.insight.command.api",
)

api = NinjaAPI(
    title="OneGrid",
    version="1",
    description="Cases, places and people of one locality. Errors: {code, message, fields, request_id}.",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="v1",
)
problems.register(api)

for name in ROUTERS:
    if find_spec(name) is not None:
        router = import_module(name).router
        if not isinstance(router, Router):
            raise TypeError(f"{name}.router is not a router")
        api.add_router("", router)
