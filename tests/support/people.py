"""Helpers around standing and HTTP for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onegrid.foundation.database.context import ROOT, Standing, acting
from onegrid.foundation.database.standing import Role

if TYPE_CHECKING:
    from support.world import World

    from onegrid.cases.permissions import Actor

LAMP = "TL-C0203"
"""Testland's matter of a street lamp that is out."""


class ActingAs:
    """`with acting_as("r.1.", role="department", department="d.2."):` in the test locality."""

    def __init__(self, locality: str) -> None:
        self.locality = locality

    def __call__(
        self, scope: str = ROOT, *, role: Role = "app", department: str = "", person: str = "", locality: str = ""
    ) -> AbstractContextManager[Standing]:
        """A standing for a block of the test."""
        return acting(Standing(locality or self.locality, scope, role, department, person))


class Api:
    """The API of one locality, JSON in and out. Signs in by token or session like any client."""

    def __init__(self, locality: str, client: Client | None = None, *, lang: str = "en") -> None:
        self.locality = locality
        self.client = client or Client(raise_request_exception=False)
        self.lang = lang
        self.token = ""

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Any operation; `path` below /api/v1. The answer has `.status_code`, `.json()`, `.headers`."""
        headers = {"Accept-Language": self.lang, **options.pop("headers", {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        elif "csrftoken" in self.client.cookies:
            headers.setdefault("X-CSRFToken", self.client.cookies["csrftoken"].value)
        if body is not None:
            options |= {"data": json.dumps(body, default=str), "content_type": "application/json"}
        return self.client.generic(
            method, f"/{self.locality}/api/v1{path}", options.pop("data", ""), headers=headers, **options
        )

    def get(self, path: str, **options: Any) -> Any:
        """GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST with a JSON body."""
        return self.call("POST", path, {} if body is None else body, **options)

    def delete(self, path: str, **options: Any) -> Any:
        """DELETE."""
        return self.call("DELETE", path, **options)


As = Callable[["Actor"], Api]
"""Gives the API as somebody of the staff."""


def filed(api: Api, world: World, **more: Any) -> dict[str, Any]:
    """A new case, by whoever the API is signed in as."""
    lon, lat = world.point
    body = {"key": str(uuid4()), "words": "路口路灯不亮了", "lon": lon, "lat": lat, "matter": LAMP, "channel": "desk"}
    answer = api.post("/cases", {**body, **more})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


@contextmanager
def counted_queries() -> Iterator[CaptureQueriesContext]:
    """How many statements a block sends: `with counted_queries() as seen: ...; assert len(seen) == 3`."""
    with CaptureQueriesContext(connection) as seen:
        yield seen
