"""What every measurement shares: its options, and the one JSON line it ends with."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median


def options(description: str) -> argparse.ArgumentParser:
    """The options every measurement takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: only that it runs")
    parser.add_argument("--json", action="store_true", help="nothing but the last line")
    return parser


def seconds(work: Callable[[], object], runs: int) -> list[float]:
    """How long each run took, seconds of wall time."""
    took = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return took


def tell(quiet: bool, words: str) -> None:
    """A line for the person who waits."""
    if not quiet:
        print(words, file=sys.stderr, flush=True)


def cpu_seconds(*words: str) -> float:
    """Processor time that living processes have used whose command line holds all the words; Linux only, else 0."""
    spent = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if all(word in command for word in words):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                spent += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return spent / os.sysconf("SC_CLK_TCK")


def end(**figures: object) -> None:
    """Print the measurement as its last line."""
    print(json.dumps(figures, ensure_ascii=False))


__all__ = ["cpu_seconds", "end", "median", "options", "seconds", "tell"]
