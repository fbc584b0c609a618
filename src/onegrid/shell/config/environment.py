"""What the process is told from outside: every environment variable OneGrid reads, in one typed place.

Nothing else in the code reads ``os.environ`` for a setting. ``docs/operator.md`` lists the same names and a test
compares the two.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from onegrid.shell.config import basemap
from onegrid.shell.engine.folder import socket_folder

PROJECT = Path(__file__).resolve().parents[4]
"""The checkout's root when run from one; inside an installed wheel it points above site-packages and is not used."""

SYSTEM_DATA = Path("/var/lib/onegrid")
DATABASE_NAME = "onegrid"
ROLES = {"owner": "onegrid_owner", "app": "onegrid_app"}


class BadEnvironment(Exception):
    """An environment variable cannot be read; the message names it and says what was expected."""


@dataclass(frozen=True)
class Database:
    """Where the server is. ``host`` is a folder with a unix socket or a host name; the user comes from the role."""

    host: str
    port: str
    name: str
    user: str
    password: str
    sslmode: str


@dataclass(frozen=True)
class Environment:
    """All of it, read once at start."""

    data: Path
    localities: Path
    database: Database
    database_role: str
    secret_key: str
    debug: bool
    demo: bool
    port: int
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    feed_url: str
    https: bool
    authority: str
    life: bool
    cipher: str
    messages: Mapping[str, object]
    base_map: Mapping[str, Any] | None


def default_data(environ: Mapping[str, str]) -> Path:
    """The data folder when nobody names one: ``.data`` in a checkout, ``/var/lib/onegrid`` for root, else the home."""
    if (PROJECT / "pyproject.toml").is_file():
        return PROJECT / ".data"
    if os.geteuid() == 0:
        return SYSTEM_DATA
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "onegrid"


def read(environ: Mapping[str, str] | None = None) -> Environment:
    """Read the variables; raises :class:`BadEnvironment` with the name of the first one that makes no sense."""
    env = os.environ if environ is None else environ
    data = Path(env.get("ONEGRID_DATA") or default_data(env)).expanduser().absolute()
    role = env.get("ONEGRID_DB_ROLE", "app")
    if role not in ROLES:
        raise BadEnvironment(f"ONEGRID_DB_ROLE is {role!r}; expected one of: {', '.join(ROLES)}")
    return Environment(
        data=data,
        localities=Path(env.get("ONEGRID_LOCALITIES") or _shipped_localities()),
        database=_database(env, data, role),
        database_role=role,
        secret_key=env.get("ONEGRID_SECRET_KEY") or _kept_secret(data / "secret_key"),
        debug=_flag(env, "ONEGRID_DEBUG"),
        demo=_flag(env, "ONEGRID_DEMO"),
        port=_number(env, "ONEGRID_PORT", 8000),
        hosts=_words(env, "ONEGRID_HOSTS"),
        origins=_words(env, "ONEGRID_ORIGINS"),
        feed_url=env.get("ONEGRID_FEED_URL", "").rstrip("/"),
        https=_flag(env, "ONEGRID_HTTPS"),
        authority=env.get("ONEGRID_AUTHORITY", ""),
        life=_flag(env, "ONEGRID_LIFE"),
        messages=_mapping(env, "ONEGRID_MESSAGES", {"kind": "nothing"}),
        base_map=_base_map(env),
        cipher=_choice(env, "ONEGRID_CIPHER", ("aes-gcm", "sm4-gcm")),
    )


def _shipped_localities() -> Path:
    """The packs of a checkout, else those inside the wheel."""
    checkout = PROJECT / "localities"
    return checkout if checkout.is_dir() else Path(__file__).resolve().parents[2] / "localities"


def _database(env: Mapping[str, str], data: Path, role: str) -> Database:
    url = env.get("DATABASE_URL", "")
    if not url:
        return Database(str(socket_folder(data)), "", DATABASE_NAME, ROLES[role], "", "")
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadEnvironment(
            "DATABASE_URL must look like postgresql://host:5432/name or postgresql:///name?host=/folder"
        )
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    try:
        port = str(parts.port or query.get("port", ""))
    except ValueError as error:
        raise BadEnvironment(f"DATABASE_URL has a port that is no number: {error}") from error
    # A URL may name a user for tools; the role switch always wins, so that the web can never serve as the owner.
    password = env.get(f"ONEGRID_{role.upper()}_PASSWORD") or unquote(parts.password or "")
    return Database(
        host=query.get("host") or parts.hostname or "",
        port=port,
        name=unquote(parts.path.lstrip("/")) or DATABASE_NAME,
        user=env.get(f"ONEGRID_{role.upper()}_USER") or ROLES[role],
        password=password,
        sslmode=query.get("sslmode", ""),
    )


def _kept_secret(path: Path) -> str:
    """The secret kept in the data folder, made at the first start that may write there.

    Without a data folder (linting, ``openapi``) a random one for this process is enough: nothing signed leaves it.
    """
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise BadEnvironment(f"{path} cannot be read; run as the user who owns it or set ONEGRID_SECRET_KEY") from error
    secret = secrets.token_urlsafe(48)
    if not path.parent.is_dir():
        return secret
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except OSError:
        return secret
    with os.fdopen(handle, "w") as file:
        file.write(secret + "\n")
    return secret


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").lower()
    if value in {"", "0", "no", "false"}:
        return False
    if value in {"1", "yes", "true"}:
        return True
    raise BadEnvironment(f"{name} is {value!r}; expected 1 or 0")


def _choice(env: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """One of `words`; the first when nothing is said."""
    value = env.get(name) or words[0]
    if value not in words:
        raise BadEnvironment(f"{name} is {value!r}; expected one of: {', '.join(words)}")
    return value


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, "")
    if not value:
        return default
    if not value.isdigit():
        raise BadEnvironment(f"{name} is {value!r}; expected a whole number")
    return int(value)


def _mapping(env: Mapping[str, str], name: str, default: Mapping[str, object]) -> Mapping[str, object]:
    value = env.get(name, "")
    if not value:
        return default
    try:
        found = json.loads(value)
    except ValueError as error:
        raise BadEnvironment(f"{name} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadEnvironment(f'{name} must be a JSON object such as {{"kind": "nothing"}}')
    return found


def _base_map(env: Mapping[str, str]) -> Mapping[str, Any] | None:
    try:
        return basemap.read(_mapping(env, "ONEGRID_BASE_MAP", {}))
    except basemap.BadBaseMap as error:
        raise BadEnvironment(f"ONEGRID_BASE_MAP: {error}") from error


def _words(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word for word in env.get(name, "").replace(",", " ").split() if word)


def heartbeat_path(data: Path) -> Path:
    """Where the worker process says that it lives."""
    return data / "heartbeat.json"
