"""The supervisor against everything that happens to databases on real machines."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from onegrid.shell.engine import Engine, EngineBusy, EngineError, cluster, processes
from onegrid.shell.engine.account import engine_account
from onegrid.shell.engine.folder import forget

from .places import ROOT, SMALL, as_user, folder

pytestmark = pytest.mark.xdist_group("engine")


@pytest.fixture
def place() -> Iterator[Path]:
    with folder() as path:
        yield path


def engine_in(place: Path, said: list[str] | None = None) -> Engine:
    report = said.append if said is not None else (lambda _: None)
    return Engine(place, settings=SMALL, report=report, patience=60)


def insert(connection: psycopg.Connection[tuple[object, ...]], number: int) -> None:
    connection.execute("insert into acked values (%s)", [number])


def table_in(engine: Engine) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(engine.superuser_dsn(), autocommit=True)
    connection.execute("create table if not exists acked (n integer primary key)")
    return connection


def stored(engine: Engine) -> set[object]:
    with psycopg.connect(engine.superuser_dsn()) as connection:
        return {row[0] for row in connection.execute("select n from acked")}


def wait_until(condition: object, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_start_stop_start(place: Path) -> None:
    with engine_in(place) as engine:
        assert engine.answers()
        table_in(engine).close()
        pid = engine.pid
        assert pid is not None
        # As root the server must have dropped to its own account.
        owner = Path(f"/proc/{pid}").stat().st_uid if Path("/proc").is_dir() else engine_account().uid
        assert owner == engine_account().uid != (0 if ROOT else -1)
        with psycopg.connect(engine.superuser_dsn()) as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("",)
            assert connection.execute("show fsync").fetchone() == ("on",)
            assert connection.execute("show data_checksums").fetchone() == ("on",)
    assert not processes.alive(pid)
    started = time.monotonic()
    with engine_in(place) as engine:
        assert stored(engine) == set()
    assert time.monotonic() - started < 5


def test_start_says_whether_it_made_the_cluster(place: Path) -> None:
    first = engine_in(place)
    assert first.start() is True
    first.stop()
    second = engine_in(place)
    assert second.start() is False
    second.stop()


def test_half_made_cluster_is_made_again(place: Path) -> None:
    home = place / "engine"
    home.mkdir()
    (home / "pg.new").mkdir()
    (home / "pg.new" / "PG_VERSION").write_text("18\n")
    with engine_in(place) as engine:
        assert engine.answers()


def test_killed_server_is_started_again_and_has_lost_nothing(place: Path) -> None:
    said: list[str] = []
    with engine_in(place, said) as engine:
        for round_ in range(3):
            connection = table_in(engine)
            base = round_ * 1000
            for number in range(base, base + 50):
                insert(connection, number)
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)
            wait_until(lambda: engine.pid is None)
            assert engine.tend() is True
            assert engine.answers()
            assert {base + number for number in range(50)} <= stored(engine)
        assert engine.tend() is False
    assert len([words for words in said if "starting it again" in words]) == 3


def test_started_twice_is_refused_and_the_first_goes_on(place: Path) -> None:
    with engine_in(place) as engine:
        with pytest.raises(EngineBusy, match=str(os.getpid())):
            engine_in(place).start()
        with pytest.raises(EngineBusy):
            engine.start()
        assert engine.answers()


SUPERVISOR = """
import sys, time
from pathlib import Path
from onegrid.shell.engine import Engine
engine = Engine(Path(sys.argv[1]), settings={"shared_buffers": "16MB"})
engine.start()
print(engine.pid, flush=True)
time.sleep(600)
"""


def test_killed_supervisor_takes_the_server_along(place: Path) -> None:
    with engine_in(place) as engine:
        connection = table_in(engine)
        insert(connection, 1)
        connection.close()
    script = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(place)], stdout=subprocess.PIPE, text=True)
    assert script.stdout is not None
    server = int(script.stdout.readline())
    assert processes.alive(server)
    script.kill()
    script.wait()
    if sys.platform == "linux":
        wait_until(lambda: not processes.alive(server))
    with engine_in(place) as engine:
        assert engine.pid != server
        assert stored(engine) == {1}


def test_server_that_outlived_its_supervisor_is_stopped(place: Path) -> None:
    """Where the kernel cannot signal the server: it lives on, answers, and must not be taken for our own."""
    said: list[str] = []
    with engine_in(place) as engine:
        table_in(engine).close()
        paths, binaries = engine.folder, engine.binaries
    orphan = subprocess.Popen(
        [binaries.path("postgres"), "-D", str(paths.data), *cluster.server_settings(paths, SMALL)],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **engine_account().options(),  # type: ignore[arg-type]
    )
    try:
        wait_until(lambda: paths.listed_pid() == orphan.pid and (paths.run / ".s.PGSQL.5432").exists())
        with engine_in(place, said) as engine:
            assert engine.pid not in {None, orphan.pid}
            assert engine.answers()
            assert stored(engine) == set()
        assert orphan.wait(10) is not None
        assert any("without supervisor" in words for words in said)
    finally:
        if orphan.poll() is None:
            orphan.kill()


def test_reused_process_number_does_not_block_the_start(place: Path) -> None:
    """postmaster.pid names a living process of the same account: PostgreSQL alone would refuse for ever."""
    said: list[str] = []
    with engine_in(place) as engine:
        table_in(engine).close()
        pid_file = engine.folder.pid_file
        lines = pid_file.read_text().split("\n")
    stranger = subprocess.Popen(["sleep", "60"], **engine_account().options())  # type: ignore[call-overload]
    try:
        lines[0] = str(stranger.pid)
        pid_file.write_text("\n".join(lines))
        account = engine_account()
        if ROOT:
            os.chown(pid_file, account.uid, account.gid)
        pid_file.chmod(0o600)
        with engine_in(place, said) as engine:
            assert engine.answers()
        assert stranger.poll() is None, "the stranger must be left alone"
        assert any("reused" in words for words in said)
    finally:
        stranger.kill()
        stranger.wait()


def test_unreadable_pid_file_is_set_aside(place: Path) -> None:
    with engine_in(place) as engine:
        pid_file = engine.folder.pid_file
    pid_file.write_text("")
    with engine_in(place) as engine:
        assert engine.answers()


def test_other_major_version_is_refused_with_a_way_out(place: Path) -> None:
    with engine_in(place) as engine:
        version = engine.folder.data / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(EngineError, match="backup"):
        engine_in(place).start()
    # The lock was given back.
    version.write_text("18\n")
    with engine_in(place) as engine:
        assert engine.answers()


def test_broken_setting_is_told_with_the_servers_own_words(place: Path) -> None:
    engine = Engine(place, settings={**SMALL, "no_such_setting": "1"}, patience=20)
    with pytest.raises(EngineError, match="no_such_setting"):
        engine.start()


def test_long_paths_get_a_short_socket(place: Path) -> None:
    deep = place / ("x" * 60) / ("y" * 60)
    with engine_in(deep) as engine:
        assert len(str(engine.socket_dir)) < 90
        assert engine.answers()


def test_forget_removes_ours_and_nothing_else(place: Path) -> None:
    (place / "mine.txt").write_text("keep")
    with engine_in(place) as engine:
        with pytest.raises(EngineBusy):
            forget(place)
        home = engine.folder.home
    forget(place)
    assert not home.exists()
    assert (place / "mine.txt").read_text() == "keep"


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_other_users_of_the_machine_cannot_connect(place: Path) -> None:
    with engine_in(place) as engine:
        dsn = engine.superuser_dsn()

        def knock() -> None:
            with pytest.raises(psycopg.OperationalError, match=r"[Pp]eer authentication failed"):
                psycopg.connect(dsn)

        assert as_user("nobody", knock) == ""


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_as_an_ordinary_user(place: Path) -> None:
    user = pwd.getpwnam("nobody")
    with engine_in(place) as warm:  # loads every module while we may still read them, and copies the programs if needed
        shared = warm.binaries
    mine = place / "ordinary"
    mine.mkdir(mode=0o700)
    os.chown(mine, user.pw_uid, user.pw_gid)

    def work() -> None:
        supervisor = sys.modules["onegrid.shell.engine.supervisor"]
        supervisor.find_binaries = lambda _account: shared  # type: ignore[attr-defined]
        with engine_in(mine) as engine:
            assert engine.pid is not None
            assert Path(f"/proc/{engine.pid}").stat().st_uid == user.pw_uid
            table_in(engine).close()
            os.kill(engine.pid, signal.SIGKILL)
            wait_until(lambda: engine.pid is None)
            assert engine.tend() is True
            assert stored(engine) == set()

    assert as_user("nobody", work) == ""


@pytest.mark.skipif(not ROOT, reason="only root drops to another account")
def test_closed_parent_stays_closed(place: Path) -> None:
    """A data folder under root's home: the engine goes elsewhere, nobody's home is opened."""
    home = place / "home"
    home.mkdir(mode=0o700)
    data = home / "data"
    with engine_in(data) as engine:
        assert (data / "engine").is_symlink()
        assert engine.answers()
        table_in(engine).close()
    assert home.stat().st_mode & 0o777 == 0o700
    with engine_in(data) as engine:
        assert stored(engine) == set()
    forget(data)
    assert not (data / "engine").exists()


@pytest.fixture
def tiny_disk(place: Path) -> Iterator[Path]:
    """A file system of 150 MB of its own."""
    disk = place / "disk"
    disk.mkdir()
    mounted = ROOT and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=150m,mode=0755", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode != 0:
        pytest.skip("a small file system needs root and the right to mount")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_full_disk_loses_nothing_and_heals_when_there_is_room(tiny_disk: Path) -> None:
    ballast = tiny_disk / "ballast"
    acked: list[int] = []
    with engine_in(tiny_disk) as engine:
        connection = table_in(engine)
        connection.execute("create table filling (t text)")
        connection.execute("alter table filling alter t set storage plain")
        insert(connection, 0)
        acked.append(0)
        room = os.statvfs(tiny_disk)
        ballast.write_bytes(b"\0" * max(0, room.f_bavail * room.f_frsize - 24_000_000))
        with pytest.raises(psycopg.Error):  # noqa: PT012  # which statement meets the end is the disk's choice
            for number in range(1, 100_000):
                connection.execute("insert into filling select repeat('x', 4000) from generate_series(1, 200)")
                insert(connection, number)
                acked.append(number)
        assert len(acked) < 10_000
        ballast.unlink()
        wait_until(lambda: _healed(engine), 30)
        assert set(acked) <= stored(engine)
        with psycopg.connect(engine.superuser_dsn(), autocommit=True) as again:
            again.execute("insert into acked values (-1)")


def _healed(engine: Engine) -> bool:
    try:
        engine.tend()
    except EngineError:
        return False
    return engine.answers()
