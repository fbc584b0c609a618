"""Residents: code by phone, limits, no telling who is known."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from support.people import ActingAs, Api

from onegrid.foundation.accounts.models import Attempt, PhoneCode, Resident
from onegrid.foundation.accounts.services import limits
from onegrid.foundation.journal.models import Outbox

PHONE = "13800002222"


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ONEGRID_DEMO", True)


def code_for(api: Api, phone: str = PHONE) -> str:
    sent = api.post("/resident/code", {"phone": phone})
    assert sent.status_code == 200, sent.content
    messages = api.get(f"/resident/drawer?token={sent.json()['drawer']}").json()["messages"]
    assert messages[0]["to_masked"] == f"{phone[:3]}****{phone[-4:]}"
    found = re.search(r"\d{6}", messages[0]["text"])
    assert found
    return found[0]


def sign_in(api: Api, code: str, phone: str = PHONE) -> Any:
    return api.post("/resident/session", {"phone": phone, "code": code})


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_code_in_the_drawer_signs_in(api: Api, acting_as: ActingAs) -> None:
    answer = sign_in(api, code_for(api))
    assert (answer.status_code, answer.json()["kind"]) == (200, "resident")
    assert api.get("/me").json()["kind"] == "resident"
    with acting_as(""):
        assert Resident.objects.get().phone == PHONE
        with connection.cursor() as cursor:
            cursor.execute("SELECT r::text || c::text FROM accounts_resident r, accounts_phonecode c")
            assert PHONE not in cursor.fetchone()[0]


def test_a_code_works_once_and_for_its_phone_only(api: Api) -> None:
    code = code_for(api)
    assert sign_in(api, code, "13800003333").status_code == 401
    assert sign_in(api, code).status_code == 200
    assert sign_in(Api("testland"), code).status_code == 401


def test_five_wrong_codes_spend_the_code(api: Api) -> None:
    code = code_for(api)
    assert {sign_in(api, other(code)).status_code for _ in range(5)} == {401}
    assert sign_in(api, code).status_code == 401


def test_an_old_code_is_refused(api: Api, acting_as: ActingAs) -> None:
    code = code_for(api)
    with acting_as(""):
        row = PhoneCode.objects.get()
        row.expires_at -= timedelta(minutes=6)
        row.save()
    assert sign_in(api, code).status_code == 401


def test_known_and_unknown_phones_get_the_same_answer(api: Api, acting_as: ActingAs) -> None:
    sign_in(api, code_for(api))
    with acting_as(""):
        Attempt.objects.all().delete()
    known, unknown = (Api("testland").post("/resident/code", {"phone": phone}) for phone in (PHONE, "13800009999"))
    assert known.status_code == unknown.status_code == 200
    assert known.json().keys() == unknown.json().keys()


def test_asking_again_within_a_minute_is_refused(api: Api) -> None:
    code_for(api)
    again = api.post("/resident/code", {"phone": PHONE})
    assert (again.status_code, again.json()["code"]) == (429, "too_many")
    assert 0 < int(again.headers["Retry-After"]) <= 61


def test_a_network_cannot_ask_for_everybody(api: Api) -> None:
    statuses = [api.post("/resident/code", {"phone": f"138{n:08d}"}).status_code for n in range(31)]
    assert statuses == [200] * 30 + [429]


def test_codes_that_are_used_do_not_count_against_the_network(locality: str, acting_as: ActingAs) -> None:
    for n in range(31):
        phone = f"138{n:08d}"
        asking = Api(locality)
        assert sign_in(asking, code_for(asking, phone), phone).status_code == 200
    with acting_as(""):
        assert Attempt.objects.count() == 31  # each phone's own, none of the network's


@pytest.mark.parametrize("phone", ["123", "02583210000", "12800001234", "1380000222x"])
def test_only_mobiles(api: Api, phone: str) -> None:
    answer = api.post("/resident/code", {"phone": phone})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "phone")


def test_without_the_demo_the_code_goes_sealed_into_the_outbox(
    api: Api, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ONEGRID_DEMO", False)
    assert api.post("/resident/code", {"phone": PHONE}).json() == {"sent": True, "drawer": None}
    with acting_as(""):
        payload = str(Outbox.objects.get().payload)
    assert PHONE not in payload
    assert not re.search(r"验证码|code is", payload)
    assert api.get(f"/resident/drawer?token={'0' * 40}").status_code == 404


def test_network_of_a_proxy_on_this_machine() -> None:
    make = RequestFactory()
    assert limits.network_of(make.get("/", REMOTE_ADDR="203.0.113.9")) == "203.0.113.0/24"
    assert limits.network_of(make.get("/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="198.51.100.1")) == (
        "203.0.113.0/24"
    )
    proxied = make.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.1")
    assert limits.network_of(proxied) == "198.51.100.0/24"
    assert limits.network_of(make.get("/", REMOTE_ADDR="2001:db8:1:2:3::4")) == "2001:db8:1:2::/64"
