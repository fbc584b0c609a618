"""Messages: sealed in the outbox, delivered by the configured channel, nothing of them in logs."""

from __future__ import annotations

import http.server
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from support.people import ActingAs

from onegrid.foundation.journal.models import Outbox
from onegrid.foundation.journal.services import outbox
from onegrid.foundation.kernel.errors import NotFound
from onegrid.foundation.messages import adapters, selectors, services

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PHONE, TEXT = "13800001111", "验证码 123456"


class Gateway(http.server.BaseHTTPRequestHandler):
    """A text-message gateway."""

    got: list[dict[str, Any]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append({**json.loads(body), "idempotency": self.headers["Idempotency-Key"]})
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Gateway]]:
    Gateway.got, Gateway.status = [], 200
    server = http.server.HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {"kind": "webhook", "url": f"http://127.0.0.1:{server.server_port}/send", "token": "t"}
    monkeypatch.setattr(settings, "ONEGRID_MESSAGES", options, raising=False)
    monkeypatch.setattr(settings, "ONEGRID_DEMO", False)
    services.channel.cache_clear()
    yield Gateway
    server.shutdown()
    server.server_close()
    services.channel.cache_clear()


def deliver(at: datetime = NOW) -> int:
    return outbox.dispatch("testland", {services.TOPIC: (services.deliver,)}, lambda: at)


def test_a_message_goes_sealed_through_the_outbox(acting_as: ActingAs, gateway: type[Gateway]) -> None:
    with acting_as(""):
        assert services.send(PHONE, TEXT, now=NOW) is None
        payload = str(Outbox.objects.get().payload)
        assert PHONE not in payload
        assert "123456" not in payload
    assert deliver() == 1
    [got] = gateway.got
    assert (got["to"], got["text"], got["idempotency"]) == (PHONE, TEXT, got["reference"])
    with acting_as(""):
        assert list(Outbox.objects.get().payload) == ["reference"]


@pytest.mark.parametrize("status", [500, 302])
def test_a_refused_message_is_tried_again_and_logged_without_content(
    acting_as: ActingAs, gateway: type[Gateway], caplog: pytest.LogCaptureFixture, status: int
) -> None:
    gateway.status = status
    with acting_as(""):
        services.send(PHONE, TEXT, now=NOW)
    with caplog.at_level(logging.DEBUG):
        deliver()
    assert PHONE not in caplog.text
    assert "123456" not in caplog.text
    gateway.status = 200
    assert deliver(NOW + timedelta(minutes=1)) == 1
    assert len({got["reference"] for got in gateway.got}) == 1
    with acting_as(""):
        assert Outbox.objects.get().done_at is not None


def test_the_drawer_shows_masked_numbers_and_only_in_a_demo(
    acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ONEGRID_DEMO", True)
    with acting_as(""):
        token = services.send(PHONE, TEXT, now=NOW)
        assert token
        assert selectors.drawer(token, NOW, demo=True) == [{"at": NOW, "to_masked": "138****1111", "text": TEXT}]
        assert selectors.drawer("0" * 40, NOW, demo=True) == []
        assert selectors.drawer(token, NOW + timedelta(hours=3), demo=True) == []
        with pytest.raises(NotFound):
            selectors.drawer(token, NOW, demo=False)


def test_adapters_come_from_configuration() -> None:
    assert isinstance(adapters.from_settings({}), adapters.Nothing)
    assert adapters.from_settings({"kind": "mail", "host": "smtp.example"}) == adapters.Mail("smtp.example")
    with pytest.raises(ValueError, match="expected one of"):
        adapters.from_settings({"kind": "pigeon"})
    with pytest.raises(adapters.NotSent):
        adapters.Webhook("file:///etc/passwd").send(PHONE, TEXT, "r")
    with pytest.raises(adapters.NotSent):
        adapters.Mail("127.0.0.1", 9).send(PHONE, TEXT, "r")
