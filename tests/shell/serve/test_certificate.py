"""The certificate `--https` makes: for the right names, short-lived, by an authority that can sign nothing more."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from onegrid.shell.serve import certificate, parent
from onegrid.shell.serve.certificate import Certificate, ensure_certificate, names_of

NAMES = ["grid.example", "192.168.7.20", "localhost", "127.0.0.1"]


def now() -> datetime:
    """The real time: the handshake below compares with the machine's clock."""
    return datetime.now(UTC)


def greet(made: Certificate, name: str) -> str:
    """A real handshake with someone who trusts only the authority; what the server said."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.chain, made.key)
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with door, door.accept()[0] as raw:
            try:
                with server.wrap_socket(raw, server_side=True) as answer:
                    answer.sendall(b"hello")
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    trusting = ssl.create_default_context(cafile=str(made.authority))
    with (
        socket.create_connection(door.getsockname(), 5) as raw,
        trusting.wrap_socket(raw, server_hostname=name) as line,
    ):
        return line.recv(5).decode()


@pytest.mark.parametrize("name", NAMES)
def test_who_trusts_the_authority_is_let_in_by_every_name(tmp_path: Path, name: str) -> None:
    assert greet(ensure_certificate(tmp_path / "https", NAMES, now=now()), name) == "hello"


def test_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        greet(ensure_certificate(tmp_path / "https", NAMES, now=now()), "bank.example")


def test_nobody_can_sign_with_what_is_kept(tmp_path: Path) -> None:
    """The only key on the disk belongs to a certificate that may not sign, and it is not the authority's."""
    made = ensure_certificate(tmp_path / "https", NAMES, now=now())
    own = x509.load_pem_x509_certificate(made.chain.read_bytes())
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    keys = [path for path in made.key.parent.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys == [made.key]
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    kept = serialization.load_pem_private_key(made.key.read_bytes(), None).public_key()
    assert kept == own.public_key() != authority.public_key()
    assert own.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert own.not_valid_after_utc - own.not_valid_before_utc < timedelta(days=398)


def test_it_is_kept_until_names_or_time_ask_for_another(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path / "https", NAMES, now=now())
    content = first.chain.read_bytes()
    assert ensure_certificate(tmp_path / "https", NAMES[:2], now=now()).chain.read_bytes() == content
    later = now() + certificate.VALID - certificate.RENEW - timedelta(days=1)
    assert ensure_certificate(tmp_path / "https", NAMES, now=later).chain.read_bytes() == content
    ending = later + timedelta(days=2)
    renewed = ensure_certificate(tmp_path / "https", NAMES, now=ending).chain.read_bytes()
    assert renewed != content
    moved = ensure_certificate(tmp_path / "https", [*NAMES, "10.0.0.9"], now=ending)
    assert moved.chain.read_bytes() != renewed
    assert greet(ensure_certificate(tmp_path / "again", [*NAMES, "10.0.0.9"], now=now()), "10.0.0.9") == "hello"


def test_listening_everywhere_names_the_addresses_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "network_addresses", lambda: ["192.168.7.20"])
    assert names_of("0.0.0.0", ["grid.example"])[:2] == ["grid.example", "192.168.7.20"]
    assert "192.168.7.20" not in names_of("127.0.0.1")
    assert "0.0.0.0" not in names_of("0.0.0.0")


def test_network_addresses_never_contain_this_machine_alone() -> None:
    assert not [one for one in certificate.network_addresses() if one.startswith("127.")]


def test_phones_are_sent_to_the_page_that_explains(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Listening everywhere, the network's address is told; on this machine alone there is nothing for phones."""
    monkeypatch.setattr(parent, "network_addresses", lambda: ["192.168.7.20"])
    made = ensure_certificate(tmp_path / "https", NAMES, now=now())
    everywhere = parent.Options(tmp_path, "0.0.0.0", 8443, 1, demo=False, life=False, certificate=made)
    assert everywhere.hints() == [
        "from the network: https://192.168.7.20:8443/",
        "what a phone's browser allows, and the certificate it must trust first: https://192.168.7.20:8443/preflight",
    ]
    assert everywhere.feed_health == "https://127.0.0.1:8444/healthz"
    alone = parent.Options(tmp_path, "::1", 8000, 1, demo=False, life=False)
    assert (alone.url, alone.hints()) == ("http://[::1]:8000/", [])
