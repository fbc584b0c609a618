"""Reading and checking a file in a process of its own: half of an import's work, beside the half that writes.

    for line, found in checked(Task(path, name, mapping, choices, today)): ...

gives what `Checker.check` gives, line by line. The other process knows the file and what may be chosen in it, no key
and no database; it stops when nobody takes what it gives. Should it come to an end before the file does, this one goes
on alone.
"""

from __future__ import annotations

import marshal
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from onegrid.county.registers.rules.sheets.checking import Checker, Choices
from onegrid.county.registers.rules.sheets.headers import Mapping
from onegrid.county.registers.rules.sheets.problems import Problem, SheetRefused
from onegrid.county.registers.rules.sheets.rows import ROWS, Row
from onegrid.county.registers.rules.sheets.tables import open_table

Found = Row | list[Problem] | None
FRAME: Final = 250
"""Lines that are handed over together."""
ROOM: Final = 1 << 20
"""Bytes that may wait between the two: some thousands of lines."""
NICE: Final = 15
"""How far a process that only imports stands back."""
_LENGTH: Final = struct.Struct("!I")
_ROW, _PROBLEMS, _NOTHING = 0, 1, 2
_SET_PIPE_SIZE: Final = 1031
"""F_SETPIPE_SZ of Linux."""


@dataclass(frozen=True)
class Task:
    """What is read, and what its lines are checked by."""

    source: Path | BinaryIO
    name: str
    mapping: Mapping
    choices: Choices
    today: date


class _Lost(Exception):
    """The other process is gone, and the file was not at its end."""


def stand_back() -> None:
    """Let everybody else on the machine go first for the rest of this process: somebody looks at a queue meanwhile."""
    with suppress(AttributeError, OSError):
        os.nice(NICE)


def possible(source: Path | BinaryIO) -> bool:
    """Whether another process can read the file, and there is a processor for it."""
    return isinstance(source, Path) and (os.cpu_count() or 1) > 1


def here(task: Task) -> Iterator[tuple[int, Found]]:
    """Read and check in this process. Raises SheetRefused as reading does."""
    table = open_table(task.source, task.name)
    check = Checker(task.mapping, task.choices, task.today).check
    for line, cells in table.rows:
        yield line, check(line, cells)


def checked(task: Task) -> Iterator[tuple[int, Found]]:
    """The same, read and checked elsewhere."""
    last = -1
    try:
        for line, found in _from_elsewhere(task):
            yield line, found
            last = line
    except _Lost:
        yield from ((line, found) for line, found in here(task) if line > last)


def _from_elsewhere(task: Task) -> Iterator[tuple[int, Found]]:
    words = [sys.executable, "-P", "-m", __name__]
    other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    made, row = tuple.__new__, ROWS[task.mapping.kind]
    try:
        if other.stdin is None or other.stdout is None:
            raise _Lost
        _widen(other.stdout)
        with suppress(BrokenPipeError), other.stdin as into:
            pickle.dump(task, into)
        while lines := _frame(other.stdout):
            if isinstance(lines, dict):
                raise SheetRefused(lines["reason"], **lines["params"])
            for line, what, value in lines:
                if what == _ROW:
                    yield line, made(row, value)
                elif what == _PROBLEMS:
                    yield line, [Problem(*one) for one in value]
                else:
                    yield line, None
    finally:
        other.kill()
        if other.stdout is not None:
            other.stdout.close()
        other.wait()


def _frame(out: IO[bytes]) -> Any:
    """What was handed over next; nothing at the end. Raises `_Lost`."""
    head = out.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise _Lost
    (length,) = _LENGTH.unpack(head)
    body = out.read(length)
    if len(body) < length:
        raise _Lost
    return marshal.loads(body)  # noqa: S302 - from our own child, which runs this very file


def _widen(out: IO[bytes]) -> None:
    """More room where the system gives it; without, the two only wait for each other more often."""
    with suppress(ImportError, OSError, ValueError):
        import fcntl  # noqa: PLC0415 - not on every system

        fcntl.fcntl(out.fileno(), _SET_PIPE_SIZE, ROOM)


def _told(line: int, found: Found) -> tuple[int, int, Any]:
    if found is None:
        return line, _NOTHING, None
    if isinstance(found, list):
        return line, _PROBLEMS, [(one.line, one.column, one.value, one.reason, dict(one.params)) for one in found]
    return line, _ROW, tuple(found)


def main() -> None:
    """The other process: what to read comes in, frames of lines go out, an empty one at the end."""
    stand_back()
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    out = sys.stdout.buffer

    def hand_over(what: Any) -> None:
        body = marshal.dumps(what)
        out.write(_LENGTH.pack(len(body)) + body)
        out.flush()

    waiting: list[tuple[int, int, Any]] = []
    try:
        try:
            for line, found in here(task):
                waiting.append(_told(line, found))
                if len(waiting) == FRAME:
                    hand_over(waiting)
                    waiting = []
            if waiting:
                hand_over(waiting)
            hand_over([])
        except SheetRefused as why:
            if waiting:
                hand_over(waiting)
            hand_over({"reason": why.reason, "params": dict(why.params)})
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()


if __name__ == "__main__":
    main()
