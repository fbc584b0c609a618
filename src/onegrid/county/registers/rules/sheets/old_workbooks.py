"""Workbooks of Excel 97 to 2003 (.xls), at most 65,536 rows of 256 columns; read by `old_reader` in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from onegrid.county.registers.rules.sheets.lines import Lines
from onegrid.county.registers.rules.sheets.problems import SheetRefused

MOST_BYTES: Final = 128 << 20
_MACROS: Final = "_VBA_PROJECT".encode("utf-16-le")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_READER: Final = "onegrid.county.registers.rules.sheets.old_reader"


def read(source: Path | BinaryIO, sheet: str) -> Lines:
    """The rows of a sheet. Raises SheetRefused: bomb, macros, encrypted, broken, no_sheet, empty; at a row: broken."""
    if isinstance(source, Path):
        content = source.read_bytes() if source.stat().st_size <= MOST_BYTES else b""
    else:
        source.seek(0)
        content = source.read(MOST_BYTES + 1)
    if not 0 < len(content) <= MOST_BYTES:
        raise SheetRefused("bomb")
    if _ENCRYPTED in content:
        raise SheetRefused("encrypted")
    if _MACROS in content:
        raise SheetRefused("macros")
    rows = _asked(content, sheet)
    head = next(rows)
    if head["reason"]:
        rows.close()
        raise SheetRefused(head["reason"], line=1, sheet=sheet[:60])
    before = [""] * head["before"]
    numbered = ((number, before + cells) for number, cells in enumerate(rows, 1))
    return Lines(encoding="xls", rows=numbered, total=head["total"], sheet=head["sheet"])


def _asked(content: bytes, sheet: str) -> Generator[Any, None, None]:
    """What the reader says, line by line. Raises SheetRefused(broken) when it ended before its last line."""
    reader = subprocess.Popen(
        [sys.executable, "-P", "-m", _READER, sheet],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "RUST_BACKTRACE": "0"},
    )
    line = 0
    try:
        _give(reader.stdin, content)
        for line, said in enumerate(reader.stdout or (), 1):  # noqa: B007  told when the reader ends early
            yield json.loads(said)
        if reader.wait() != 0 or line == 0:
            raise SheetRefused("broken", line=max(line, 1))
    except ValueError:
        raise SheetRefused("broken", line=max(line, 1)) from None
    finally:
        reader.kill()
        reader.wait()
        if reader.stdout is not None:
            reader.stdout.close()


def _give(pipe: IO[bytes] | None, content: bytes) -> None:
    """Hand the whole file over: the reader takes all of it before it says a word."""
    if pipe is None:
        return
    try:
        pipe.write(content)
        pipe.close()
    except BrokenPipeError:
        return
