"""What happens around a request: locality, headers, pages, errors, one transaction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.database.standing import current
from onegrid.foundation.kernel import errors
from onegrid.shell.config import health, problems
from onegrid.shell.config.middleware import HeadersMiddleware, LocalityMiddleware, feed_origin

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(locality: str) -> Client:
    return Client(raise_request_exception=False)


def test_the_first_segment_names_the_locality(client: Client, locality: str) -> None:
    page = client.get(f"/{locality}/", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status_code == 200
    assert 'href="resident/"' in page.content.decode()
    assert client.get(f"/{locality}").headers["Location"] == f"/{locality}/"


def test_several_localities_are_listed_at_the_root(client: Client, locality: str, other_locality: str) -> None:
    listed = client.get("/", headers={"Accept": "text/html"}).content.decode()
    assert f'href="/{locality}/"' in listed
    assert f'href="/{other_locality}/"' in listed


@pytest.mark.parametrize("path", ["/nowhere/api/v1/me", "/nowhere/", "/api/v1/nothing", "/../etc/passwd"])
def test_unknown_places_are_missing(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_answer_carries_the_headers(client: Client, locality: str) -> None:
    for path in (f"/{locality}/", "/nowhere", f"/{locality}/api/v1/me"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-ID"]
    assert client.get("/", headers={"X-Request-ID": "abc-12345"}).headers["X-Request-ID"] == "abc-12345"
    assert client.get("/", headers={"X-Request-ID": "bad\u00e9 id"}).headers["X-Request-ID"] != "bad id"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("grid.example", "http://grid.example:81"),
        ("[::1]:9", "http://[::1]:10"),
    ],
)
def test_the_feed_listens_on_the_next_port(host: str, origin: str) -> None:
    assert feed_origin(RequestFactory().get("/", headers={"Host": host})) == origin


def test_errors_have_one_shape_in_the_readers_language(client: Client, locality: str) -> None:
    for lang, words in (("en", "Not found"), ("zh-CN", "没有找到")):
        answer = client.get(f"/{locality}/api/v1/nothing", headers={"Accept-Language": lang})
        said = answer.json()
        assert set(said) == {"code", "message", "fields", "request_id"}
        assert said["code"] == "not_found"
        assert words in said["message"]
        assert said["request_id"] == answer.headers["X-Request-ID"]


def around(request: HttpRequest) -> HttpRequest:
    touched: Any = request
    touched.lang, touched.request_id = "en", "r"
    return request


def test_a_fault_of_ours_shows_nothing_of_itself() -> None:
    answer = problems.respond(around(RequestFactory().get("/")), RuntimeError("secret detail"))
    assert answer.status_code == 500
    assert json.loads(answer.content)["code"] == "server_error"
    assert b"secret" not in answer.content


def test_busy_says_when_to_come_back() -> None:
    answer = problems.respond(around(RequestFactory().get("/")), errors.TooMany(retry_after=30))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM grids_workday")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("status", "keep", "stored"), [(200, False, 1), (404, False, 0), (500, False, 0), (401, True, 1)]
)
def test_a_refused_request_leaves_nothing_behind(locality: str, status: int, keep: bool, stored: int) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        assert current() is not None
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO grids_workday VALUES ('2031-01-01', true, '', 'test')")
        if keep:
            request.keep_writes = True  # type: ignore[attr-defined]
        return HttpResponse(status=status)

    LocalityMiddleware(view)(RequestFactory().get(f"/{locality}/x"))
    with in_locality(locality, "health"):
        assert count() == stored


def test_a_face_answers_every_address_inside_it(
    client: Client, locality: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(settings, "ONEGRID_PAGES", tmp_path)
    assert client.get(f"/{locality}/desk/queue").status_code == 503, "pages are not built"
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "index.html").write_text("<!doctype html><p>desk</p>")
    (tmp_path / "desk" / "sw.js").write_text("self")
    page = client.get(f"/{locality}/desk/queue/123")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-cache"
    assert client.get(f"/{locality}/desk/assets/gone-12345678.js").status_code == 404
    assert client.get(f"/{locality}/desk/../../settings.py").status_code == 404
    worker = client.get(f"/{locality}/desk/sw.js")
    assert worker.headers["Content-Type"] == "text/javascript"
    assert client.post(f"/{locality}/desk/").status_code == 405


def test_health_names_what_is_not_up(client: Client, tmp_path: Path, monkeypatch: Any) -> None:
    def down() -> None:
        raise health.NotUp("gone fishing")

    good = dict.fromkeys(health.PARTS, lambda: None)
    monkeypatch.setattr(health, "PARTS", good)
    assert client.get("/healthz").json() == {"status": "ok", "parts": dict.fromkeys(good, "ok")}
    monkeypatch.setattr(health, "PARTS", good | {"feed": down})
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["feed"] == "gone fishing"


def test_health_parts_on_this_database(locality: str, tmp_path: Path, monkeypatch: Any) -> None:
    health.database()
    health.migrations()
    health.roles()
    health.disk()
    with pytest.raises(health.NotUp, match="work calendar"):
        health.calendar()
    monkeypatch.setattr(settings, "ONEGRID_DATA", tmp_path)
    with pytest.raises(health.NotUp, match="heartbeat"):
        health.jobs()
    (tmp_path / "heartbeat.json").write_text(json.dumps({"jobs": {"fold": {"failures": 5}, "seal": {"failures": 0}}}))
    with pytest.raises(health.NotUp, match="fold"):
        health.jobs()


def test_headers_middleware_reads_the_language() -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.lang)  # type: ignore[attr-defined]
        return HttpResponse()

    HeadersMiddleware(view)(RequestFactory().get("/", headers={"Accept-Language": "en-GB,zh;q=0.5"}))
    HeadersMiddleware(view)(RequestFactory().get("/"))
    assert seen == ["en", "zh-CN"]
