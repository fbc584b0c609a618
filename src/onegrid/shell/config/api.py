"""The one API: every module's router, one shape of errors, one OpenAPI document."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from onegrid.cases.api import router as cases
from onegrid.county.grids.api import router as grids
from onegrid.county.matters.api import router as matters
from onegrid.county.organisations.api import router as organisations
from onegrid.county.registers.api import router as registers
from onegrid.county.workforce.api import router as workforce
from onegrid.foundation.accounts.api import router as accounts
from onegrid.foundation.files.api import router as files
from onegrid.insight.assessment.api import router as assessment
from onegrid.insight.command.api import router as command
from onegrid.insight.map.api import router as one_map
from onegrid.programmes.community.api import router as community
from onegrid.programmes.patrols.api import router as patrols
from onegrid.programmes.patrols.rounds_api import router as rounds
from onegrid.shell.config import problems
from onegrid.shell.config.locality import router as locality

REFUSALS = {
    "400": "The request cannot be read, or a filter or cursor makes no sense.",
    "401": "Somebody must be signed in.",
    "403": "The hat worn may not do this.",
    "404": "Missing, or not in the caller's sight: the two look the same.",
    "409": "The case moved on, the step is out of turn, or the key was used for something else; `current` may show it.",
    "413": "More than is allowed.",
    "415": "A kind of file or body that is not taken here.",
    "422": "Fields that make no sense, each named.",
    "429": "Too many; `Retry-After` says when to come back.",
    "503": "Something we need is down; nothing was stored.",
}
"""What any operation may answer instead. Declared once here, so that no operation can forget it."""

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "Every refusal has this shape.",
    "type": "object",
    "required": ["code", "message", "fields", "request_id"],
    "properties": {
        "code": {"type": "string", "description": "A stable word for programs."},
        "message": {"type": "string", "description": "For people, in the language asked for."},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}
TOKEN = {
    "token": {"type": "http", "scheme": "bearer", "description": "A personal token."},
    "session": {"type": "apiKey", "in": "cookie", "name": "onegrid_<locality>", "description": "A signed-in browser."},
}


class Api(NinjaAPI):
    """Ninja with every operation's refusals in the document."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI 3.1 document."""
        document = super().get_openapi_schema(**options)
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = PROBLEM
        components["securitySchemes"] = TOKEN
        document["security"] = [{}, {"token": []}, {"session": []}]
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"] = {str(status): one for status, one in operation["responses"].items()}
                for status, meaning in REFUSALS.items():
                    operation["responses"].setdefault(
                        status,
                        {
                            "description": meaning,
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                        },
                    )
        return document


api = Api(
    title="OneGrid",
    version="1",
    description="Cases, places and people of one locality. Errors: {code, message, fields, request_id}.",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="v1",
)
problems.register(api)

for router in (
    locality,
    accounts,
    files,
    grids,
    registers,
    workforce,
    organisations,
    matters,
    cases,
    patrols,
    rounds,
    community,
    assessment,
    command,
    one_map,
):
    api.add_router("", router)
