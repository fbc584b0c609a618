"""How a message leaves the house. Each adapter sends one text to one address, or raises; none logs what it sends."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

TIMEOUT: Final = 10.0


class NotSent(Exception):
    """The channel refused or is down; the outbox tries again. The text never holds the message."""


class Adapter(Protocol):
    """A channel."""

    def send(self, to: str, text: str, reference: str) -> None:
        """Send `text` to `to`. `reference` is the same on every repeat, for receivers that can tell doubles."""


@dataclass(frozen=True)
class Nothing:
    """Sends nothing: for a locality that has no channel yet."""

    def send(self, to: str, text: str, reference: str) -> None:
        """Let it go."""


@dataclass(frozen=True)
class Mail:
    """E-mail by SMTP, for instance to a provider's mail-to-text gateway: address = number + `domain`."""

    host: str
    port: int = 25
    sender: str = "onegrid@localhost"
    domain: str = ""
    username: str = ""
    password: str = ""
    tls: bool = False

    def send(self, to: str, text: str, reference: str) -> None:
        """One mail. Raises `NotSent`."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = f"{to}@{self.domain}" if self.domain else to
        message["Subject"] = "OneGrid 一张网"
        message["Message-ID"] = f"<{reference}@onegrid>"
        message.set_content(text)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT) as server:
                if self.tls:
                    server.starttls()
                if self.username:
                    server.login(self.username, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as why:
            raise NotSent(type(why).__name__) from None


@dataclass(frozen=True)
class Webhook:
    """A POST of `{"to", "text", "reference"}` to the locality's own gateway, which the administrator names."""

    url: str
    token: str = ""

    def send(self, to: str, text: str, reference: str) -> None:
        """One request; only 2xx counts as sent, and no redirect is followed. Raises `NotSent`."""
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise NotSent("the webhook's address must begin with http:// or https://")
        body = json.dumps({"to": to, "text": text, "reference": reference}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": reference}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                if not 200 <= answer.status < 300:
                    raise NotSent(f"status {answer.status}")
        except OSError as why:
            raise NotSent(type(why).__name__) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A gateway that redirects could be made to post people's numbers elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """Never."""
        return


KINDS: Final[Mapping[str, type[Nothing] | type[Mail] | type[Webhook]]] = {
    "nothing": Nothing,
    "mail": Mail,
    "webhook": Webhook,
}


def from_settings(options: Mapping[str, Any]) -> Adapter:
    """The adapter an administrator configured: `{"kind": "webhook", "url": …}`."""
    rest = dict(options)
    kind = KINDS.get(str(rest.pop("kind", "nothing")))
    if kind is None:
        raise ValueError(f"unknown kind of message channel; expected one of: {', '.join(KINDS)}")
    return kind(**rest)
