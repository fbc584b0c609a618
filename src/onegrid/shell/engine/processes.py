"""Questions about other processes that a PID alone cannot answer."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process with this number exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def is_postmaster(pid: int, data: Path) -> bool:
    """Whether this process is a PostgreSQL server of this data folder (and not one that only got its number)."""
    if Path("/proc/self/cmdline").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        if not words or b"postgres" not in words[0]:
            return False
        with suppress(OSError):
            return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
        return os.fsencode(data) in words
    done = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return "postgres" in done.stdout and str(data) in done.stdout


def unused_pid() -> int:
    """A number no process can have: the kernel hands out only smaller ones."""
    with suppress(OSError, ValueError):
        return int(Path("/proc/sys/kernel/pid_max").read_text())
    return 2**22
