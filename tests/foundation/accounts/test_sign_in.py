"""Staff: password, lockout, first change, second factor, hats, tokens, CSRF."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from django.db import connection
from django.test import Client
from support.people import ActingAs, Api
from support.staff import PASSWORD, PlainHat

from onegrid.foundation.accounts.models import ApiKey, Attempt, User
from onegrid.foundation.accounts.services import people
from onegrid.foundation.journal.models import AuditRow


def sign_in(api: Api, password: str = PASSWORD, username: str = "wang", **more: Any) -> Any:
    return api.post("/session", {"username": username, "password": password, **more})


def test_sign_in_gives_hats_and_cookies_under_the_locality_only(api: Api, user: User) -> None:
    answer = sign_in(api)
    assert answer.status_code == 200, answer.content
    me = answer.json()
    assert (me["kind"], me["name"], me["hat"]) == ("staff", "王秀英", "1")
    assert [hat["scope_path"] for hat in me["hats"]] == ["r.1.", ""]
    assert me["hats"][1]["department"] == {"id": "7", "name": "City Management"}
    cookie = answer.cookies["onegrid_testland"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/testland/", True, "Lax")
    assert answer.cookies["csrftoken"].value == me["csrf"]
    assert api.get("/me").json()["name"] == "王秀英"
    assert Api("otherland", api.client).get("/me").json()["kind"] == "anonymous"


def test_wrong_password_and_unknown_name_look_the_same(api: Api, user: User) -> None:
    wrong, unknown = sign_in(api, "not this one"), sign_in(api, "not this one", "nobody")
    assert wrong.status_code == unknown.status_code == 401
    for answer in (wrong, unknown):
        body = answer.json()
        assert (body.pop("request_id") != "", body["code"]) == (True, "sign_in_refused")
    assert {k: v for k, v in wrong.json().items() if k != "request_id"} == {
        k: v for k, v in unknown.json().items() if k != "request_id"
    }


@pytest.mark.parametrize("username", ["wang", "nobody"])
def test_five_wrong_ones_lock_known_and_unknown_names_alike(api: Api, user: User, username: str) -> None:
    assert [sign_in(api, "wrong", username).status_code for _ in range(6)] == [401] * 5 + [429]
    locked = sign_in(api, PASSWORD, username)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 1801


def test_the_count_outlives_the_refusal_and_names_nobody(api: Api, acting_as: ActingAs, user: User) -> None:
    sign_in(api, "wrong")
    with acting_as(""):
        assert Attempt.objects.count() == 2
        assert b"wang" not in b"".join(bytes(row.bucket) for row in Attempt.objects.all())
    sign_in(api)
    with acting_as():
        assert Attempt.objects.count() == 1  # the name's tries are forgotten, the network's failure is not
        assert AuditRow.objects.filter(action="sign_in", user=user.pk).count() == 1


def test_a_town_hall_signs_in_from_one_network(api: Api, user: User) -> None:
    """Only what was wrong counts against the network, else the hundred-and-first colleague stays outside."""
    assert {sign_in(Api("testland")).status_code for _ in range(101)} == {200}
    assert sign_in(api, "wrong", "nobody").status_code == 401


def test_passwords_are_argon2_and_phones_are_sealed(acting_as: ActingAs, user: User) -> None:
    with acting_as(""):
        assert User.objects.get().phone == "13800001111"
        with connection.cursor() as cursor:
            cursor.execute("SELECT password, phone, phone_index FROM accounts_user")
            password, phone, index = cursor.fetchone()
    assert password.startswith("argon2$")
    assert b"1380000" not in bytes(phone) + bytes(index)


def test_a_given_password_must_be_changed_first(api: Api, acting_as: ActingAs, user: User) -> None:
    with acting_as(""):
        User.objects.update(must_change=True)
    assert sign_in(api).json()["must_change"] is True
    assert api.get("/me").status_code == 200
    refused = api.get("/photos/0195d3c0-0000-7000-8000-000000000000")
    assert (refused.status_code, refused.json()["code"]) == (403, "must_change_password")
    weak = api.post("/me/password", {"old": PASSWORD, "new": "short"})
    assert (weak.status_code, weak.json()["fields"][0]["field"]) == (422, "new")
    assert api.post("/me/password", {"old": PASSWORD, "new": "another long 1"}).status_code == 204
    assert api.get("/photos/0195d3c0-0000-7000-8000-000000000000").status_code == 404


def test_a_changed_password_signs_out_every_other_browser(api: Api, user: User) -> None:
    other = Api("testland")
    sign_in(api)
    sign_in(other)
    assert api.post("/me/password", {"old": PASSWORD, "new": "another long 1"}).status_code == 204
    assert api.get("/me").json()["kind"] == "staff"
    assert other.get("/me").json()["kind"] == "anonymous"


def test_writes_need_the_sessions_own_csrf_token(api: Api, user: User) -> None:
    sign_in(api)
    for header in ("", "0" * 40):
        refused = api.post("/me/hat", {"hat": "2"}, headers={"X-CSRFToken": header})
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    cross = Api("testland").post(
        "/session", {"username": "a", "password": "b"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (cross.status_code, cross.json()["code"]) == (403, "csrf")


def test_hats_change_the_standing(api: Api, user: User, held: list[PlainHat]) -> None:
    sign_in(api)
    assert api.post("/me/hat", {"hat": "2"}).json()["hat"] == "2"
    assert api.get("/me").json()["hat"] == "2"
    assert api.post("/me/hat", {"hat": "99"}).json()["code"] == "hat_not_held"
    del held[1]  # the appointment ended: the session falls back at once
    assert api.get("/me").json()["hat"] == "1"


def test_second_factor(api: Api, acting_as: ActingAs, user: User) -> None:
    sign_in(api)
    begun = api.post("/me/totp", {"password": PASSWORD}).json()
    code = pyotp.TOTP(begun["secret"]).now()
    assert api.post("/me/totp/confirm", {"code": "000000"}).status_code == 401
    assert api.post("/me/totp/confirm", {"code": code}).status_code == 204
    fresh = Api("testland")
    assert sign_in(fresh).json()["code"] == "second_factor_needed"
    assert sign_in(fresh, totp=code).json()["code"] == "sign_in_refused"  # used once already
    with acting_as(""):
        row = User.objects.get()
        row.totp_step = 0
        row.save()
    assert sign_in(fresh, totp=pyotp.TOTP(begun["secret"]).now()).status_code == 200


def test_tokens_work_until_revoked_and_are_kept_as_hashes(api: Api, acting_as: ActingAs, user: User) -> None:
    sign_in(api)
    made = api.post("/me/tokens", {"label": "script", "hat": "2"})
    assert made.status_code == 201
    program = Api("testland", Client())
    program.token = made.json()["token"]
    assert program.get("/me").json()["hat"] == "2"
    with acting_as(""):
        assert program.token.encode() not in bytes(ApiKey.objects.get().digest)
    assert [t["token"] for t in api.get("/me/tokens").json()] == [None]
    assert api.delete(f"/me/tokens/{made.json()['id']}").status_code == 204
    assert api.delete(f"/me/tokens/{made.json()['id']}").status_code == 404
    assert program.get("/me").status_code == 401


def test_a_disabled_person_is_out_at_once(api: Api, acting_as: ActingAs, user: User) -> None:
    sign_in(api)
    with acting_as(""):
        people.disable(user, datetime.now(UTC))
    assert api.get("/me").json()["kind"] == "anonymous"
    assert sign_in(Api("testland")).status_code == 401


def test_sign_out(api: Api, user: User) -> None:
    sign_in(api)
    stolen = api.client.cookies["onegrid_testland"].value
    assert api.delete("/session").status_code == 204
    thief = Client()
    thief.cookies["onegrid_testland"] = stolen
    assert Api("testland", thief).get("/me").json()["kind"] == "anonymous"


def test_signed_out_people_get_401_in_the_readers_language(locality: str) -> None:
    answer = Api(locality, lang="zh-CN").post("/me/tokens", {"label": "x"})
    assert (answer.status_code, answer.json()["message"]) == (401, "请先登录")


def test_of_two_sign_ins_the_one_under_the_prefix_counts(api: Api, user: User) -> None:
    sign_in(api)
    fresh = api.client.cookies["onegrid_testland"].value
    headers = {"Cookie": f"onegrid_testland={fresh}; onegrid_testland={'0' * 64}"}
    assert Client().get("/testland/api/v1/me", headers=headers).json()["kind"] == "staff"
