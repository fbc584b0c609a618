"""A small demo to start from: made from nothing once, copied for every server that page tests need.

Making it sets up the tables, fills a county and trains its classifier: half a minute of a processor, which every server
of a run would spend again. The copy is the same county with the same people; what a server makes at its start (ports,
certificate, sockets) it makes for itself. How a demo comes out of nothing is proved in ``tests/shell/serve``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.support.cluster import REPOSITORY, SOURCE, locked

SCALE = "0.002"
"""Large enough for every level, department and position to exist; small enough to seed in seconds."""
LOCALITY = "minhou"
PATIENCE_S = 300.0
LEFT = ("engine.lock", "engine.log", "heartbeat.json")
"""What a stopped server leaves behind and the next one writes anew."""


def command(data: Path, port: int, *words: str) -> list[str]:
    """How a small demo is started; its first line of JSON says that it is ready."""
    return [
        sys.executable, "-m", "onegrid.shell.cli.main", "demo", "--scale", SCALE, "--no-life", "--no-browser", "--json",
        "--port", str(port), "--data", str(data), *words,
    ]  # fmt: skip


@contextmanager
def folder_of_a_demo(port: int) -> Iterator[Path]:
    """A data folder with the county of `LOCALITY` in it, its classifier trained; removed after the block."""
    made = Path(tempfile.mkdtemp(prefix="onegrid-demo-"))
    try:
        made.chmod(0o711)
        ready = _shelf() / f"{made_of()}-demo"
        with locked(ready.parent / "lock"):
            if not ready.exists():
                _make(ready, port)
            subprocess.run(["cp", "-a", "--reflink=auto", f"{ready}/.", str(made)], check=True)
        made.chmod(0o711)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def made_of() -> str:
    """Changes with the code, the packs and the day: cases are reported up to today."""
    digest = hashlib.sha256(f"{datetime.now(UTC):%Y%m%d} {SCALE} {LOCALITY}".encode())
    code = [path for path in SOURCE.rglob("*") if path.suffix in {".py", ".sql"}]
    packs = [path for path in (REPOSITORY / "localities").rglob("*") if path.is_file()]
    for file in sorted(code + packs):
        digest.update(str(file.relative_to(REPOSITORY)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _shelf() -> Path:
    shelf = Path(tempfile.gettempdir()) / f"onegrid-test-demos-{os.geteuid()}"
    shelf.mkdir(mode=0o711, exist_ok=True)
    return shelf


def _make(ready: Path, port: int) -> None:
    for old in ready.parent.glob("*-demo"):
        shutil.rmtree(old, ignore_errors=True)
    data = Path(tempfile.mkdtemp(prefix="making-", dir=ready.parent))
    data.chmod(0o711)
    try:
        _live_once(data, port)
        for name in LEFT:
            (data / name).unlink(missing_ok=True)
        data.rename(ready)
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        raise


def _live_once(data: Path, port: int) -> None:
    """Start it, wait until its worker has trained the classifier, stop it."""
    log = data.with_name(f"{data.name}.log")
    with log.open("w+") as said:
        words = command(data, port, "--locality", LOCALITY, "--workers", "1")
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, text=True, start_new_session=True)
        try:
            deadline = time.monotonic() + PATIENCE_S
            assert process.stdout is not None
            line = process.stdout.readline()
            while line.startswith("{") and not any((data / "models").glob(f"{LOCALITY}-*.npz")):
                if time.monotonic() > deadline:
                    raise RuntimeError("the demo's classifier was not trained in time")
                time.sleep(0.2)
        finally:
            process.terminate()
            process.wait(60)
        if not line.startswith("{"):
            raise RuntimeError(f"the demo did not start:\n{log.read_text()[-4000:]}")
    log.unlink()
