"""The engine's folder on disk: where it lies, what is in it, and what its ``postmaster.pid`` says.

<data>/engine/          0711, the account's
<data>/engine/pg/       0700, PostgreSQL's own data folder
<data>/engine/run/      0711, the unix socket
<data>/engine.lock      held while a supervisor lives
<data>/engine.log       what the server says
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from onegrid.shell.engine.account import Account
from onegrid.shell.engine.errors import EngineBusy, EngineError

ROOT_HOME = Path("/var/lib/onegrid-engine")
SOCKET_LIMIT = 100
"""A unix socket's path must be shorter than 108 bytes, PostgreSQL's name of it included."""


@dataclass(frozen=True)
class Folder:
    """Paths of one engine."""

    home: Path
    data: Path
    run: Path
    lock: Path
    log: Path

    @property
    def pid_file(self) -> Path:
        """PostgreSQL's own lock file."""
        return self.data / "postmaster.pid"

    def listed_pid(self) -> int | None:
        """The PID on the first line of ``postmaster.pid``; None when there is none or it is half-written."""
        try:
            first = self.pid_file.read_text(errors="replace").split("\n", 1)[0]
        except OSError:
            return None
        with suppress(ValueError):
            return abs(int(first))
        return None

    def overwrite_pid(self, pid: int) -> None:
        """Replace only the PID line. The rest stays: its shared-memory line still guards against live backends."""
        lines = self.pid_file.read_text().split("\n")
        lines[0] = str(pid)
        with self.pid_file.open("r+") as file:
            file.write("\n".join(lines))
            file.truncate()


def prepare(data_dir: Path, account: Account) -> Folder:
    """Make the engine's folders under the data folder and return their paths.

    When root's account cannot reach the data folder (it lies under a closed home, or in a private temporary folder)
    the engine's part goes under /var/lib/onegrid-engine and ``engine`` becomes a link to it: no parent is opened up.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    link = data_dir / "engine"
    if account.drops and not link.exists() and not account.can("/usr/bin/test", "-x", str(data_dir)):
        _place_elsewhere(link)
    home = link.resolve()
    account.own(home, 0o711)
    account.own(home / "run", 0o711)
    if account.drops and not account.can("/usr/bin/test", "-w", str(home / "run")):
        raise EngineError(f"the account {account.name!r} cannot reach {home}; choose another data folder with --data")
    run = _short(home / "run", account)
    return Folder(home, home / "pg", run, data_dir / "engine.lock", data_dir / "engine.log")


def _place_elsewhere(link: Path) -> None:
    places = ROOT_HOME / "data"
    for folder in (ROOT_HOME, places):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    _sweep(places)
    home = Path(tempfile.mkdtemp(dir=places))
    (places / f"{home.name}.for").write_text(str(link))
    link.unlink(missing_ok=True)
    link.symlink_to(home)


def _sweep(places: Path) -> None:
    """Remove engines whose data folder was deleted: nothing can ever lead back to them."""
    for note in places.glob("*.for"):
        home = note.with_suffix("")
        if Path(note.read_text()).resolve() != home and not (home / "pg" / "postmaster.pid").exists():
            shutil.rmtree(home, ignore_errors=True)
            note.unlink(missing_ok=True)


def socket_folder(data_dir: Path) -> Path:
    """Where the engine of this data folder listens, without starting anything."""
    run = (data_dir / "engine").resolve() / "run"
    return _stand_in(run, drops=os.geteuid() == 0) if _too_long(run) else run


def _too_long(run: Path) -> bool:
    return len(os.fsencode(run)) > SOCKET_LIMIT - len("/.s.PGSQL.5432")


def _stand_in(run: Path, *, drops: bool) -> Path:
    base = Path("/run") if drops else Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108
    return base / f"onegrid-{hashlib.sha256(os.fsencode(run)).hexdigest()[:12]}"


def _short(run: Path, account: Account) -> Path:
    """The socket's folder, or a short stand-in when its path is too long for a socket."""
    if not _too_long(run):
        return run
    short = _stand_in(run, drops=account.drops)
    if short.is_symlink() or (short.exists() and short.stat().st_uid not in {account.uid, os.geteuid()}):
        raise EngineError(f"{short} belongs to someone else; choose a data folder with a shorter path")
    account.own(short, 0o711)
    return short


OURS = ("files", "keys", "demo.json", "prepared.json", "heartbeat.json", "secret_key", "demo_password", "engine.log")


def forget(data_dir: Path) -> None:
    """Remove everything OneGrid wrote into a data folder, and nothing else. Refuses while it is in use."""
    if not data_dir.is_dir():
        return
    with (data_dir / "engine.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise EngineBusy(f"{data_dir} is in use; stop what runs there first") from error
        link = data_dir / "engine"
        home = link.resolve()
        if (home / "pg" / "PG_VERSION").exists() or (home / "pg.new").exists():
            shutil.rmtree(home)
            home.with_name(f"{home.name}.for").unlink(missing_ok=True)
        if link.is_symlink():
            link.unlink()
        for name in OURS:
            path = data_dir / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
