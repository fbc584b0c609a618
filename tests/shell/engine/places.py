"""Where the engine's tests run, and as whom."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SMALL = {"shared_buffers": "16MB", "max_connections": "20", "max_wal_size": "64MB"}
ROOT = os.geteuid() == 0


@contextmanager
def folder() -> Iterator[Path]:
    """A data folder that an account we drop to can reach; pytest's own lie behind a closed one."""
    path = Path(tempfile.mkdtemp(prefix="onegrid-engine-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def as_user(name: str, work: Callable[[], None]) -> str:
    """Run ``work`` in a child process of this user; its traceback, or '' when it went well."""
    entry = pwd.getpwnam(name)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        said = ""
        try:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            os.environ["HOME"] = "/nonexistent"
            work()
        except BaseException:
            said = traceback.format_exc()
        with os.fdopen(writing, "w") as pipe:
            pipe.write(said)
        sys.stdout.flush()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said
