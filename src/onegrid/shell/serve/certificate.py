"""A certificate for this machine: camera, position and the service worker need https on phones in the network.

A browser takes a service worker only from a certificate it trusts, so phones must be given something to trust. That is
an authority made for one signature: its key is never written anywhere, so a phone that trusts it trusts this machine's
one certificate and nothing that anybody could sign later.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from onegrid.shell.config.environment import Environment

VALID = timedelta(days=397)
"""Phones refuse certificates that live longer than 398 days."""
RENEW = timedelta(days=30)
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104


@dataclass(frozen=True)
class Certificate:
    """Files of one certificate: itself, its key (PKCS#8), and the authority that phones are told to trust."""

    chain: Path
    key: Path
    authority: Path


def ensure_certificate(folder: Path, names: Sequence[str], *, now: datetime) -> Certificate:
    """The certificate for these host names and addresses; made anew when missing, for other names, or about to end.

    A new one has a new authority: phones have to be told again.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = Certificate(folder / "certificate.pem", folder / "key.pem", folder / "authority.crt")
    if all(path.is_file() for path in (found.chain, found.key, found.authority)) and _still_good(found, names, now):
        return found
    signer, secret = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"OneGrid {names[0]} {now:%Y-%m-%d}")])
    authority = (
        _begin(issuer, issuer, signer.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(signer, hashes.SHA256())
    )
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    made = (
        _begin(own, issuer, secret.public_key(), now)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(found.key, secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    _write(found.chain, made.public_bytes(serialization.Encoding.PEM))
    _write(found.authority, authority.public_bytes(serialization.Encoding.PEM))
    return found


def certificate_for(host: str, told: Environment) -> Certificate:
    """This machine's certificate, kept in the data folder; `ONEGRID_HOSTS` are among its names."""
    return ensure_certificate(told.data / "https", names_of(host, told.hosts), now=datetime.now(UTC))


def names_of(host: str, more: Sequence[str] = ()) -> list[str]:
    """Every name this machine is reached by; the network's addresses are among them when it listens everywhere."""
    own = network_addresses() if host in EVERYWHERE else [host]
    return list(dict.fromkeys([*more, *own, socket.gethostname(), "localhost", "127.0.0.1", "::1"]))


def network_addresses() -> list[str]:
    """This machine's addresses in its network, the one that leads out first. Nothing is sent to find them."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        found.append(str(probe.getsockname()[0]))
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return list(dict.fromkeys(one for one in found if not ipaddress.ip_address(one).is_loopback))


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=False,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _still_good(found: Certificate, names: Sequence[str], now: datetime) -> bool:
    chain = x509.load_pem_x509_certificate(found.chain.read_bytes())
    authority = x509.load_pem_x509_certificate(found.authority.read_bytes())
    listed = chain.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    ends_later = chain.not_valid_after_utc - now > RENEW
    return ends_later and chain.issuer == authority.subject and all(_general(name) in listed for name in names)


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
