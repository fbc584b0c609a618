"""What the contract promises is what a server answers: requests made from it, told by a generator, as a signed-in
dispatcher, never end in a server error or in an answer the contract does not describe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.cluster import LOCALITIES
from support.world import TEST_PACKS, plant

from onegrid.cases.selectors import setting
from onegrid.foundation.accounts.models import User
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality

DOCUMENT = json.loads((Path(__file__).resolve().parents[2] / "openapi.json").read_text("utf-8"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_dict(DOCUMENT)


@dataclass
class Served:
    """A listening server and a dispatcher's token."""

    url: str
    token: str


@pytest.fixture
def served(transactional_db: None, live_server: Any) -> Iterator[Served]:
    name = LOCALITIES[0]
    setting.forget()
    with in_locality(name):
        world = plant(TEST_PACKS, "testland")
        triage = next(person.actor for person in world.people if "triage" in person.actor.duties)
        user = User.objects.get(pk=triage.user_id)
        _, token = keys.make(user_id=user.pk, kind="token", label="contract", now=datetime.now(UTC))
    yield Served(f"{live_server.url}/{name}", token)
    setting.forget()


def _held(path: str, verb: str) -> Any:
    """One test for one operation. Each has a name of its own, or parallel runs would take them for one test."""

    @pytest.mark.slow
    @schema.include(path=path, method=verb.upper()).parametrize()
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    def test(case: Any, served: Served) -> None:
        answer = case.call(base_url=served.url, headers={"Authorization": f"Bearer {served.token}"})
        case.validate_response(answer, checks=CHECKS)

    return test


for _path, _operations in DOCUMENT["paths"].items():
    for _verb, _operation in _operations.items():
        globals()[f"test_{_operation['operationId']}_holds"] = _held(_path, _verb)


def test_every_operation_is_held() -> None:
    held = {name for name in globals() if name.startswith("test_") and name.endswith("_holds")}
    assert len(held) == sum(len(operations) for operations in DOCUMENT["paths"].values())
