"""Runs one PostgreSQL for one data folder and keeps it running.

*Alive* means that the child exists and a real SELECT is answered by that very child; a PID is never trusted. The
order of a start: take the file lock, find programs, make the cluster once, clear what an earlier supervisor left behind
(a server that outlived it is stopped, a reused PID is made harmless), start, wait through crash recovery.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import psycopg

from onegrid.shell.engine import cluster, processes
from onegrid.shell.engine.account import Account, dies_with_parent, engine_account
from onegrid.shell.engine.binaries import Binaries, find_binaries
from onegrid.shell.engine.errors import EngineBusy, EngineError
from onegrid.shell.engine.folder import Folder, prepare

LOG_LIMIT = 16 * cluster.MEGABYTE
STILL_IN_USE = ("lock file", "shared memory block")
"""What PostgreSQL says while the last backends of a killed server are still leaving."""


def _silent(_: str) -> None:
    return None


class Engine:
    """An embedded PostgreSQL in ``data_dir``. Also a context manager: start on entry, stop on exit.

    ``settings`` are extra server settings, ``report`` is told in plain words what happens, ``patience`` is how many
    seconds a start may take (crash recovery of a large database included).
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        settings: Mapping[str, str] | None = None,
        report: Callable[[str], None] = _silent,
        patience: float = 600.0,
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self._settings = dict(settings or {})
        self._report = report
        self._patience = patience
        self._child: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._folder: Folder | None = None
        self._binaries: Binaries | None = None
        self._account: Account | None = None

    def __enter__(self) -> Engine:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def folder(self) -> Folder:
        """Paths of this engine; known once it was started."""
        if self._folder is None:
            raise EngineError("the engine was not started")
        return self._folder

    @property
    def binaries(self) -> Binaries:
        """The programs in use; known once it was started."""
        if self._binaries is None:
            raise EngineError("the engine was not started")
        return self._binaries

    @property
    def socket_dir(self) -> Path:
        """The folder with the unix socket: what libpq calls ``host``."""
        return self.folder.run

    @property
    def pid(self) -> int | None:
        """The server's process number while it runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def dsn(self, user: str, database: str) -> str:
        """A libpq connection string for a role. No password: the socket knows who we are."""
        return f"host='{self.socket_dir}' user='{user}' dbname='{database}'"

    def superuser_dsn(self, database: str = "postgres") -> str:
        """A libpq connection string for the superuser."""
        return self.dsn(cluster.SUPERUSER, database)

    def start(self) -> bool:
        """Start the server and wait until it answers. True when the cluster was made just now.

        Raises :class:`EngineBusy` when another supervisor has the folder, :class:`EngineError` otherwise.
        """
        if self._lock is not None:
            raise EngineBusy("this engine is already started")
        self._account = engine_account()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._folder = prepare(self.data_dir, self._account)
            self._binaries = find_binaries(self._account)
            made = cluster.ensure_cluster(self._folder, self._binaries, self._account)
            self._bring_up()
        except BaseException:
            self._kill_child()
            self._release_lock()
            raise
        return made

    def stop(self) -> None:
        """Stop fast and cleanly: sessions are ended, a checkpoint is written. Does nothing when not started."""
        child = self._child
        try:
            if child is not None and child.poll() is None:
                child.send_signal(signal.SIGINT)
                try:
                    child.wait(120)
                except subprocess.TimeoutExpired:
                    self._report("PostgreSQL did not stop in two minutes; stopping it at once")
                    child.send_signal(signal.SIGQUIT)
                    child.wait(30)
        finally:
            self._child = None
            self._release_lock()

    def answers(self) -> bool:
        """Whether our own child answers a SELECT right now."""
        child = self._child
        if child is None or child.poll() is not None or self.folder.listed_pid() != child.pid:
            return False
        try:
            with psycopg.connect(self.superuser_dsn(), connect_timeout=5, autocommit=True) as connection:
                connection.execute("select pg_postmaster_start_time()")
        except psycopg.Error:
            return False
        return True

    def tend(self) -> bool:
        """Start the server again if it died; True when that was necessary. Raises when it cannot be started."""
        if self._lock is None:
            raise EngineError("the engine was not started")
        if self._child is not None and self._child.poll() is None:
            return False
        code = self._child.returncode if self._child is not None else None
        self._report(f"PostgreSQL ended (code {code}); starting it again")
        self._bring_up()
        return True

    def log_tail(self, lines: int = 6) -> str:
        """The last lines the server wrote."""
        with suppress(OSError), self.folder.log.open("rb") as file:
            file.seek(max(0, self.folder.log.stat().st_size - 8000))
            return "\n".join(file.read().decode(errors="replace").strip().splitlines()[-lines:])
        return ""

    def _take_lock(self) -> None:
        lock = (self.data_dir / "engine.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise EngineBusy(f"{self.data_dir} is already in use by process {holder}") from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _bring_up(self) -> None:
        deadline = time.monotonic() + self._patience
        account = self._account or engine_account()
        cluster.write_access(self.folder, account)
        while True:
            self._clear_way(account)
            child = self._child = self._spawn(account)
            if self._wait(child, deadline):
                return
            tail = self.log_tail()
            # Backends of a server that was killed need a moment to notice; only that is worth another try.
            if not any(words in tail for words in STILL_IN_USE) or time.monotonic() > deadline:
                raise EngineError(f"PostgreSQL did not start ({_reason(tail)}); see {self.folder.log}\n{tail}")
            time.sleep(0.5)

    def _spawn(self, account: Account) -> subprocess.Popen[bytes]:
        if self.folder.log.exists() and self.folder.log.stat().st_size > LOG_LIMIT:
            self.folder.log.replace(self.folder.log.with_suffix(".log.1"))
        command = [self.binaries.path("postgres"), "-D", str(self.folder.data)]
        with self.folder.log.open("ab") as log:
            child: subprocess.Popen[bytes] = subprocess.Popen(
                command + cluster.server_settings(self.folder, self._settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal reaches us, and we stop it when the web is done
                preexec_fn=dies_with_parent(signal.SIGINT),  # noqa: PLW1509
                **account.options(),
            )  # type: ignore[call-overload]
        return child

    def _wait(self, child: subprocess.Popen[bytes], deadline: float) -> bool:
        told = time.monotonic() + 5
        while child.poll() is None:
            if self.answers():
                return True
            if time.monotonic() > told:
                self._report("PostgreSQL is recovering from an unclean stop …")
                told = time.monotonic() + 15
            if time.monotonic() > deadline:
                self._kill_child()
                raise EngineError(f"PostgreSQL was not ready after {self._patience:.0f} s; see {self.folder.log}")
            time.sleep(0.03)
        return False

    def _clear_way(self, account: Account) -> None:
        """Deal with a ``postmaster.pid`` that is not from a child of ours."""
        folder = self.folder
        if not folder.pid_file.exists():
            return
        pid = folder.listed_pid()
        if pid is None:
            self._report("postmaster.pid is unreadable; setting it aside")
            folder.pid_file.replace(folder.pid_file.with_suffix(".pid.bad"))
        elif not processes.alive(pid):
            return
        elif processes.is_postmaster(pid, folder.data):
            self._report(f"a PostgreSQL without supervisor (process {pid}) is still running; stopping it")
            self._stop_orphan(pid, account)
        else:
            # PostgreSQL would refuse for ever if that process runs under its own account.
            self._report(
                f"process {pid} in postmaster.pid is not PostgreSQL (the number was reused); correcting the file"
            )
            folder.overwrite_pid(processes.unused_pid())

    def _stop_orphan(self, pid: int, account: Account) -> None:
        command = [self.binaries.path("pg_ctl"), "stop", "-D", str(self.folder.data), "-m", "fast", "-w", "-t", "120"]
        subprocess.run(command, capture_output=True, check=False, **account.options())  # type: ignore[call-overload]
        for number in (signal.SIGQUIT, signal.SIGKILL):
            if not processes.alive(pid):
                return
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            _wait_gone(pid, 10)
        if processes.alive(pid):
            raise EngineError(f"PostgreSQL (process {pid}) of {self.folder.data} cannot be stopped")

    def _kill_child(self) -> None:
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGQUIT)
            with suppress(subprocess.TimeoutExpired):
                child.wait(30)


def _wait_gone(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while processes.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def _reason(tail: str) -> str:
    if "No space left on device" in tail or "could not write" in tail:
        return "the disk is full: free some space, it starts by itself then"
    for line in reversed(tail.splitlines()):
        if "FATAL:" in line or "PANIC:" in line:
            return line.split(":", 3)[-1].strip()
    return "no reason given"
