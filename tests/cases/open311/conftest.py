"""An Open311 endpoint over the fictional county, and a key for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from support.world import World

from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality

KEY_MADE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Endpoint:
    """GeoReport calls by Django's own client."""

    locality: str
    key: str
    lon: float
    lat: float
    lang: str = "en"

    def call(self, method: str, path: str, data: Mapping[str, Any] | None = None, **headers: str) -> Any:
        client = Client(raise_request_exception=False)
        ask = client.post if method == "POST" else client.get
        return ask(
            f"/{self.locality}/open311/v2/{path}", dict(data or {}), headers={"Accept-Language": self.lang, **headers}
        )

    def get(self, path: str, **data: Any) -> Any:
        return self.call("GET", path, data)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **headers: str) -> Any:
        return self.call("POST", path, data, **headers)

    def file(self, **data: Any) -> Any:
        """A lamp reported at the world's point, as JSON."""
        wanted = {"api_key": self.key, "service_code": "TL-C0203", "lat": self.lat, "long": self.lon,
                  "description": "路灯不亮，很黑"} | data  # fmt: skip
        return self.post("requests.json", {name: value for name, value in wanted.items() if value is not None})

    def number(self, **data: Any) -> str:
        answer = self.file(**data)
        assert answer.status_code == 200, answer.content
        return str(json.loads(answer.content)[0]["service_request_id"])


def tree(answer: Any) -> ET.Element:
    """The parsed XML answer."""
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    return ET.fromstring(answer.content)


@pytest.fixture
def endpoint(locality: str, world: World) -> Endpoint:
    with in_locality(locality):
        _, plain = keys.make(user_id=None, kind="open311", label="测试平台", now=KEY_MADE)
    lon, lat = world.point
    return Endpoint(locality, plain, lon, lat)
