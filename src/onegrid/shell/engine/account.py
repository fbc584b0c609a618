"""Which operating-system account the server runs as.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves; root drops to an account of our own, which
is made at the first start.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from onegrid.shell.engine.errors import EngineError

ACCOUNT = "onegrid"
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """An account of the machine. ``drops`` says that we are root and children must change to it."""

    name: str
    uid: int
    gid: int
    drops: bool

    def options(self) -> dict[str, object]:
        """Arguments for ``subprocess`` that run a child as this account, with nothing of ours in its environment."""
        options: dict[str, object] = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}}
        if self.drops:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def own(self, path: Path, mode: int) -> None:
        """Make the folder if it is missing, give it to the account and set its mode. Parents are left as they are."""
        path.mkdir(exist_ok=True)
        if self.drops:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def can(self, *command: str) -> bool:
        """Whether the account can run the command (exit code 0)."""
        try:
            done = subprocess.run(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=30, **self.options()
            )  # type: ignore[call-overload]
        except (OSError, subprocess.SubprocessError):
            return False
        return bool(done.returncode == 0)


def engine_account() -> Account:
    """The account the server runs as on this machine; as root it is created when missing."""
    uid = os.geteuid()
    if uid != 0:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError as error:
            raise EngineError(
                f"user id {uid} has no name on this machine and PostgreSQL needs one; "
                "run as a named user, or set DATABASE_URL to a server elsewhere"
            ) from error
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=False)
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        _create_account()
        entry = pwd.getpwnam(ACCOUNT)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)


def _create_account() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if useradd is None:
        raise EngineError(f"root needs an account named {ACCOUNT!r} for the database; make one (adduser -S {ACCOUNT})")
    shell = "/usr/sbin/nologin"
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", shell]
    done = subprocess.run([*command, ACCOUNT], capture_output=True, text=True, check=False)
    # 9 = it exists: another start made it at the same moment.
    if done.returncode not in {0, 9}:
        raise EngineError(f"the account {ACCOUNT!r} for the database could not be made: {done.stderr.strip()}")


def dies_with_parent(number: int = signal.SIGINT) -> Callable[[], None]:
    """For ``preexec_fn``: ask the kernel to send the child this signal when we die. Does nothing where unsupported."""
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return lambda: None
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        # The parent may have died between fork and the request; then nobody would ever signal us.
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return ask
