"""`serve --https` and its preflight page, as a phone meets them: refused before it trusts, allowed everything after."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from playwright.sync_api import Browser, Error, Page

from tests.e2e.conftest import FLAGS, PHONE, demo, find_browser, until

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Secure:
    """A server on https and the fingerprint of its key, by which a browser can be told to trust it."""

    url: str
    pin: str


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """A demo with a certificate of its own; it is ready only when its feed is on https too."""
    folder = tmp_path_factory.mktemp("https")
    with demo(folder, "--https", "--workers", "1") as live:
        yield Secure(live.url, _pin(folder / "data" / "https"))


def _pin(folder: Path) -> str:
    own = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    digest = hashes.Hash(hashes.SHA256())
    digest.update(own.public_key().public_bytes(serialization.Encoding.DER, form))
    return base64.b64encode(digest.finalize()).decode()


@pytest.fixture
def told(browser: Browser, secure: Secure, tmp_path: Path) -> Iterator[Page]:
    """A browser that was told to trust this server's key."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=find_browser(), headless=True, viewport=PHONE, locale="zh-CN",
        args=[*FLAGS, f"--ignore-certificate-errors-spki-list={secure.pin}"],
        geolocation={"longitude": 119.1, "latitude": 26.1}, permissions=["geolocation"],
    )  # fmt: skip
    yield context.new_page()
    context.close()


def states(page: Page) -> dict[str, str]:
    """What the page found, by check."""
    until(page, "document.querySelector('#verdict[data-done]') !== null", "the page has looked at everything", 20)
    found = page.evaluate(
        "[...document.querySelectorAll('[data-check]')].map((one) => [one.dataset.check, one.className])"
    )
    return dict(found)


def test_a_browser_that_was_not_told_is_kept_out(browser: Browser, secure: Secure) -> None:
    """No answer without the warning."""
    context = browser.new_context()
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto(f"{secure.url}/preflight")
    context.close()


def test_who_clicks_the_warning_away_is_told_what_is_missing(browser: Browser, secure: Secure) -> None:
    """The page itself opens, names the certificate, and gives it to download."""
    context = browser.new_context(ignore_https_errors=True, viewport=PHONE, locale="zh-CN", accept_downloads=True)
    page = context.new_page()
    page.goto(f"{secure.url}/preflight")
    assert states(page)["secure"] == "yes"
    assert len(page.inner_text(".print").split(":")) == 32
    with page.expect_download() as waiting:
        page.click("text=下载证书")
    assert b"BEGIN CERTIFICATE" in Path(waiting.value.path()).read_bytes()
    context.close()


def test_after_trusting_everything_a_worker_needs_is_there(told: Page, secure: Secure) -> None:
    """Service worker, encryption, storage, one sender, the feed on its own port."""
    told.goto(f"{secure.url}/preflight")
    found = states(told)
    for needed in ("secure", "trusted", "store", "offline", "crypto", "locks", "live", "position"):
        assert found[needed] == "yes", found
    verdict = told.get_attribute("#verdict", "class") or ""
    assert "good" in verdict, told.inner_text("#verdict")
    assert told.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_worker_signs_in_over_it(told: Page, secure: Secure) -> None:
    """Cookies, feed and service worker of the worker's face, all on the trusted certificate."""
    told.goto(f"{secure.url}/worker/")
    told.wait_for_selector("#username")
    installed = "navigator.serviceWorker.getRegistration().then((one) => Boolean(one))"
    until(told, installed, "the worker's app installs itself", 20)
