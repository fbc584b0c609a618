"""Making a cluster, and the settings it runs with."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from onegrid.shell.engine.account import Account
from onegrid.shell.engine.binaries import Binaries
from onegrid.shell.engine.errors import EngineError
from onegrid.shell.engine.folder import Folder

SUPERUSER = "postgres"
MEGABYTE = 1024 * 1024


def ensure_cluster(folder: Folder, binaries: Binaries, account: Account) -> bool:
    """Run initdb unless there is a cluster; True when one was made. A half-made one never stays behind."""
    version = folder.data / "PG_VERSION"
    if version.exists():
        major = version.read_text().strip()
        if major != str(binaries.major):
            raise EngineError(
                f"{folder.data} was written by PostgreSQL {major}, this is {binaries.major}: "
                f"take a backup with the OneGrid version that wrote it, then restore it here into a new data folder"
            )
        return False
    building = folder.home / "pg.new"
    shutil.rmtree(building, ignore_errors=True)
    account.own(building, 0o700)
    options = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "-E", "UTF8"]
    if binaries.major < 17:  # the builtin provider came with 17
        options = ["--locale=C.UTF-8", "-E", "UTF8"]
    options += ["--data-checksums", "--auth-local=peer", "--auth-host=reject", "--no-instructions"]
    done = subprocess.run(
        [binaries.path("initdb"), "-D", str(building), "-U", SUPERUSER, *options],
        capture_output=True,
        text=True,
        check=False,
        **account.options(),
    )  # type: ignore[call-overload]
    if done.returncode != 0:
        shutil.rmtree(building, ignore_errors=True)
        raise EngineError(f"initdb failed in {folder.home}: {(done.stderr or done.stdout).strip()[-800:]}")
    building.rename(folder.data)
    return True


def write_access(folder: Folder, account: Account) -> None:
    """Who may connect: over the socket only, the account and we ourselves, known by the kernel (peer), no passwords."""
    names = {account.name, pwd.getpwuid(os.geteuid()).pw_name}
    _write(folder.home / "pg_hba.conf", "local all all peer map=onegrid\nlocal replication all peer map=onegrid\n")
    _write(folder.home / "pg_ident.conf", "".join(f'onegrid "{name}" all\n' for name in sorted(names)))


def _write(path: Path, text: str) -> None:
    """Replace the file in one step, not following links: the folder belongs to a less trusted account."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    temporary.rename(path)


def server_settings(folder: Folder, extra: Mapping[str, str]) -> list[str]:
    """``-c name=value`` arguments for the server."""
    settings = {
        "hba_file": str(folder.home / "pg_hba.conf"),
        "ident_file": str(folder.home / "pg_ident.conf"),
        "listen_addresses": "",
        "unix_socket_directories": str(folder.run),
        "unix_socket_permissions": "0777",
        "shared_buffers": f"{_shared_buffers()}MB",
        "max_connections": "100",
        "max_wal_size": "4GB",
        "jit": "off",
        # Footprints of the tallies live for a second; what is left of them must not pile up before the readers.
        "autovacuum_naptime": "10s",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %a ",
        "logging_collector": "off",
        "dynamic_shared_memory_type": _shared_memory(),
        **extra,
    }
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _shared_buffers() -> int:
    """A quarter of the memory, at least 64 MB and at most 2 GB."""
    with suppress(ValueError, OSError):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
        return max(64, min(2048, memory // 4))
    return 128


def _shared_memory() -> str:
    """Containers often have a tiny /dev/shm, in which a parallel query would fail."""
    with suppress(OSError):
        room = os.statvfs("/dev/shm")  # noqa: S108
        return "posix" if room.f_frsize * room.f_blocks >= 256 * MEGABYTE else "mmap"
    return "posix"
