"""The page that tells what a browser allows, and the certificate it hands out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.test import Client

from onegrid.shell.config import preflight
from onegrid.shell.serve.certificate import ensure_certificate

pytestmark = pytest.mark.django_db
SCRIPT = Path(preflight.__file__).parents[1] / "static" / "onegrid" / "preflight.js"


@pytest.fixture
def client(locality: str) -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_check_is_on_the_page_and_in_the_script(client: Client, locality: str, lang: str) -> None:
    """A check nobody can look at, or one nobody sees, is told here."""
    page = client.get(f"/{locality}/preflight?lang={lang}", headers={"Accept": "text/html"}).content.decode()
    shown = re.findall(r'data-check="(\w+)"', page)
    block = SCRIPT.read_text().split("var checks = {")[1].split("\n  }\n")[0]
    assert shown == [key for key, _ in preflight.CHECKS]
    assert sorted(re.findall(r"^    (\w+): function", block, re.M)) == sorted(shown)
    assert page.count('class="try"') == len(preflight.ASKS)


def test_the_page_opens_without_a_locality(client: Client, locality: str, other_locality: str) -> None:
    assert client.get("/preflight", headers={"Accept": "text/html"}).status_code == 200


def test_the_feed_it_tries_is_the_one_pages_use(client: Client, locality: str) -> None:
    page = client.get(f"/{locality}/preflight", headers={"Host": "grid.example:8443"}).content.decode()
    assert 'data-feed="http://grid.example:8444/"' in page


def test_without_a_certificate_of_our_own_there_is_nothing_to_trust(client: Client, locality: str) -> None:
    assert client.get("/certificate.crt").status_code == 404
    assert 'id="trust"' not in client.get(f"/{locality}/preflight").content.decode()


def test_the_certificate_to_trust_is_handed_out_with_its_fingerprint(
    client: Client, locality: str, tmp_path: Path, settings: object
) -> None:
    made = ensure_certificate(tmp_path / "https", ["localhost"], now=datetime.now(UTC))
    settings.ONEGRID_AUTHORITY = str(made.authority)  # type: ignore[attr-defined]
    given = client.get("/certificate.crt")
    assert given.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert b"PRIVATE" not in given.content
    told = x509.load_pem_x509_certificate(given.content).fingerprint(hashes.SHA256()).hex(":").upper()
    assert told in client.get(f"/{locality}/preflight").content.decode()


def test_who_is_not_told_to_trust_can_still_come_back(client: Client, locality: str, settings: object) -> None:
    """A browser that was told `https only` could never click through to the page that explains the certificate."""
    proxied = {"wsgi.url_scheme": "https"}
    assert "Strict-Transport-Security" in client.get(f"/{locality}/preflight", **proxied).headers
    settings.ONEGRID_AUTHORITY = "/somewhere/authority.crt"  # type: ignore[attr-defined]
    assert "Strict-Transport-Security" not in client.get(f"/{locality}/preflight", **proxied).headers
