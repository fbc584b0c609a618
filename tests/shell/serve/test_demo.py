"""`onegrid demo` as a person meets it: started, killed, started again, backed up and restored."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from onegrid.shell.cli.say import Trouble
from onegrid.shell.engine.folder import socket_folder
from onegrid.shell.serve.parent import choose_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

PATIENCE = 240.0


def free_port() -> int:
    """A port with a free neighbour, away from where people start their own demos meanwhile."""
    for port in random.sample(range(21000, 29000, 2), 200):
        try:
            return choose_port(port, "127.0.0.1")
        except Trouble:
            continue
    raise AssertionError("no free port")


def command(*words: str, **more: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ONEGRID_", "DATABASE_URL"))}
    return subprocess.Popen(
        [sys.executable, "-m", "onegrid.shell.cli.main", *words],
        env=env | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Demo:
    """One demo process and what it answered."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.answer: dict[str, Any] = {}

    def start(self) -> float:
        """Start and wait for its one line; how long that took."""
        began = time.monotonic()
        words = ["demo", "--locality", "tuanjie", "--scale", "0.002", "--no-life", "--json", "--workers", "1"]
        self.process = command(*words, "--data", str(self.data), "--port", str(self.port))
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, said = self.process.communicate(timeout=60)
            raise AssertionError(f"no answer: {said[-4000:]}")
        self.answer = json.loads(line)
        return time.monotonic() - began

    def health(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as page:
                found: dict[str, Any] = json.load(page)
        except urllib.error.HTTPError as error:
            found = json.load(error)
        return found

    def wait_healthy(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                state: object = self.health()
                if state == {"status": "ok", "parts": dict.fromkeys(state["parts"], "ok")}:  # type: ignore[index]
                    return
            except OSError as error:
                state = error
            assert time.monotonic() < deadline, state
            time.sleep(0.3)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def family(self) -> list[int]:
        """Every process that works for this data folder."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                words = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
            except OSError:
                continue
            if os.fsencode(self.data) in words and int(path.name) != os.getpid():
                found.append(int(path.name))
        return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo") / "data", free_port())
    running.start()
    yield running
    if running.process.poll() is None:
        running.stop()


def test_one_line_with_everything_one_needs(demo: Demo) -> None:
    answer = demo.answer
    assert answer["url"] == f"http://127.0.0.1:{demo.port}/"
    assert answer["open311_key"]
    roles = {entry["role"] for entry in answer["accounts"]}
    assert {"dispatcher", "worker", "officer", "inspector", "commander"} <= roles
    assert all(entry["username"] and entry["password"] for entry in answer["accounts"])
    demo.wait_healthy()


def test_someone_can_sign_in(demo: Demo) -> None:
    entry = next(one for one in demo.answer["accounts"] if one["role"] == "dispatcher")
    body = json.dumps({"username": entry["username"], "password": entry["password"]}).encode()
    url = f"{demo.answer['url']}api/v1/session"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer)["kind"] == "staff"


def test_a_second_one_on_the_same_folder_is_refused(demo: Demo) -> None:
    port = free_port()
    second = command("demo", "--locality", "tuanjie", "--data", str(demo.data), "--json", "--port", str(port))
    out, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert out == ""
    assert "already in use by process" in said
    assert demo.health()["status"] == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_whatever_dies_comes_back(demo: Demo) -> None:
    with psycopg.connect(f"host='{socket_folder(demo.data)}' user=postgres dbname=onegrid") as connection:
        before = connection.execute("select count(*) from tuanjie.cases_case").fetchone()
    for pid in demo.family():
        if pid != demo.process.pid:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    demo.wait_healthy()
    with psycopg.connect(f"host='{socket_folder(demo.data)}' user=postgres dbname=onegrid") as connection:
        assert connection.execute("select count(*) from tuanjie.cases_case").fetchone() == before


def test_backup_while_running_and_restore_elsewhere(demo: Demo, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    done = command("backup", str(saved), "--data", str(demo.data))
    assert done.wait(PATIENCE) == 0, done.communicate()
    again = command("backup", str(saved), "--data", str(demo.data))
    _, said = again.communicate(timeout=60)
    assert again.returncode == 1
    assert "exists already" in said
    restored = command("restore", str(saved), "--data", str(tmp_path / "other"))
    _, said = restored.communicate(timeout=PATIENCE)
    assert restored.returncode == 0, said
    assert "every table's count agrees" in said
    with (saved / "database.dump").open("r+b") as dump:
        dump.seek(1000)
        dump.write(b"damage")
    damaged = command("restore", str(saved), "--data", str(tmp_path / "third"))
    _, said = damaged.communicate(timeout=60)
    assert damaged.returncode == 1
    assert "database.dump has changed" in said
    assert not (tmp_path / "third" / "engine").exists()


def test_serving_as_the_owner_is_refused(demo: Demo) -> None:
    url = f"postgresql:///onegrid?host={socket_folder(demo.data)}"
    asked = command("preflight", DATABASE_URL=url, ONEGRID_DB_ROLE="owner", ONEGRID_DATA=str(demo.data))
    _, said = asked.communicate(timeout=60)
    assert asked.returncode == 1
    assert "owns tables" in said
    assert command("preflight", DATABASE_URL=url, ONEGRID_DATA=str(demo.data)).wait(60) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_stop_start_and_kill(demo: Demo) -> None:
    assert demo.stop() == 0
    assert demo.family() == []
    took = demo.start()
    # Five seconds on an idle machine with two cores; a busy one gets some grace.
    assert took < 5 + 3 * os.getloadavg()[0], took
    demo.wait_healthy()
    demo.process.kill()
    demo.process.communicate()
    deadline = time.monotonic() + 30
    while demo.family():
        assert time.monotonic() < deadline, demo.family()
        time.sleep(0.2)
    demo.start()
    demo.wait_healthy()
