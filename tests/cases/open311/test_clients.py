"""Programs we did not write against a real server: the `georeport` client, and Schemathesis over the description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from georeport import GeoReport
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from support.cluster import LOCALITIES
from support.world import TEST_PACKS, World, plant

from onegrid.cases.selectors import setting
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality

DESCRIPTION = Path(__file__).with_name("open311.yaml")
schema = schemathesis.openapi.from_path(DESCRIPTION)


@dataclass
class Served:
    """A listening endpoint with one request in it."""

    url: str
    key: str
    world: World
    number: str = ""
    token: str = ""


@pytest.fixture
def served(transactional_db: None, live_server: Any) -> Iterator[Served]:
    name = LOCALITIES[0]
    setting.forget()
    with in_locality(name):
        world = plant(TEST_PACKS, "testland")
        _, plain = keys.make(user_id=None, kind="open311", label="客户端", now=datetime.now(UTC))
    here = Served(f"{live_server.url}/{name}/open311/v2", plain, world)
    lon, lat = world.point
    body = {"api_key": plain, "service_code": "TL-C0203", "lat": lat, "long": lon, "description": "路灯不亮"}
    here.number = httpx.post(f"{here.url}/requests.json", data=body, timeout=60).json()[0]["service_request_id"]
    here.token = httpx.post(f"{here.url}/requests.json", data={**body, "token": "true"}, timeout=60).json()[0]["token"]
    yield here
    setting.forget()


@pytest.mark.parametrize("fmt", ["json", "xml"])
def test_georeport(served: Served, fmt: str) -> None:
    client = GeoReport(served.url, api_key=served.key, output_format=fmt)
    services = {one["service_code"]: one for one in client.get_service_list()}
    assert {"TL-C0101", "TL-C0203"} <= set(services)
    definition = client.get_service_definition("TL-C0101")
    assert definition["service_code"] == "TL-C0101"
    assert definition["attributes"]
    requests = client.get_service_requests(service_code="TL-C0203", status="open")
    assert served.number in {one["service_request_id"] for one in requests}
    one = client.get_service_request(served.number)
    assert one["service_request_id"] == served.number
    assert one["status"] == "open"
    none = client.get_service_requests(service_request_id=f"{served.number},missing", end_date="2020-01-01T00:00:00Z")
    assert served.number in str(none)


def _held(path: str, verb: str) -> Any:
    """One test for one operation. Each has a name of its own, or parallel runs would take them for one test."""

    @pytest.mark.slow
    @schema.include(path=path, method=verb.upper()).parametrize()
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    def test(case: Any, served: Served) -> None:
        if isinstance(case.body, dict) and case.body.get("service_code") and len(case.body["service_code"]) % 2:
            case.body |= {"api_key": served.key, "service_code": "TL-C0203"}
        # An empty parameter is an absent one by the standard; and a point anywhere on earth fits the description but
        # lies outside the locality. Everything else is checked.
        case.call_and_validate(base_url=served.url, excluded_checks=[negative_data_rejection, positive_data_acceptance])

    return test


for _number, (_path, _verb) in enumerate(
    (path, verb)
    for path, operations in yaml.safe_load(DESCRIPTION.read_text("utf-8"))["paths"].items()
    for verb in operations
    if verb in {"get", "post"}
):
    globals()[f"test_description_holds_{_number}_{_verb}"] = _held(_path, _verb)
