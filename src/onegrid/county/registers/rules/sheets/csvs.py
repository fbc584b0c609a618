"""Comma-separated files in whatever encoding they are in: UTF-8 with or without mark, GB18030, UTF-16.

The whole file is decoded once before a row is given, in blocks: it is known then that it can be read to its end, and
how many lines it has. Text that began as UTF-8 and stops being it is damaged UTF-8 and not GB18030, in which almost
anything can be read as something.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from onegrid.county.registers.rules.sheets.lines import Lines
from onegrid.county.registers.rules.sheets.problems import SheetRefused

BLOCK: Final = 1 << 20
SURE: Final = 30
"""After so many characters of more than one byte it is UTF-8."""
WESTERN: Final = 0.04
"""Of a table in UTF-16 at least so much is commas, digits and line ends."""
DELIMITERS: Final = ",\t;|"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class _Seen:
    """A file decoded once: its lines, whether its quotes are odd, its first two lines."""

    lines: int
    odd: bool
    start: str


class _Undecodable(Exception):
    def __init__(self, line: int, sure: bool) -> None:
        super().__init__(line)
        self.line = line
        self.sure = sure


def read(source: Path | BinaryIO) -> Lines:
    """The rows of a csv file. Raises SheetRefused: encoding, binary; and at a row: quote."""
    encoding, seen = _detect(source)
    first, _, rest = seen.start.partition("\n")
    said = first.strip().lower()
    skipped = said.startswith("sep=")
    delimiter = first.strip()[4:5] if skipped and len(first.strip()) > 4 else _delimiter(rest if skipped else first)
    rows = _rows(source, encoding, delimiter, strict=seen.odd, skip=int(skipped))
    return Lines(encoding=encoding, rows=rows, total=seen.lines, delimiter=delimiter)


def _detect(source: Path | BinaryIO) -> tuple[str, _Seen]:
    with _bytes(source) as file:
        start = file.read(4096)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding, _decoded(source, encoding)
    zeros = start[0::2].count(0), start[1::2].count(0)
    if any(zeros):
        # Letters and digits have an empty upper byte, and a few Chinese characters an empty lower one.
        if max(zeros) < len(start) * WESTERN or max(zeros) < 4 * min(zeros):
            raise SheetRefused("binary")
        encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return encoding, _decoded(source, encoding)
    try:
        return "utf-8", _decode(source, "utf-8")
    except _Undecodable as bad:
        if bad.sure:
            raise SheetRefused("encoding", line=bad.line) from None
    return "gb18030", _decoded(source, "gb18030")


def _decoded(source: Path | BinaryIO, encoding: str) -> _Seen:
    try:
        return _decode(source, encoding)
    except _Undecodable as bad:
        raise SheetRefused("encoding", line=bad.line) from None


def _decode(source: Path | BinaryIO, encoding: str) -> _Seen:
    """Decode the whole file, block by block."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = returns = quotes = wide = 0
    start = ""
    ends = True
    with _bytes(source) as file:
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as bad:
                near = lines + block[: bad.start].count(b"\n") + 1
                early = block[: bad.start].decode(encoding, "ignore")
                raise _Undecodable(near, wide + _wide(early) >= SURE) from None
            if len(start) < 65536:
                start += text[:65536]
                if "\0" in text:
                    raise SheetRefused("binary")
            lines += text.count("\n")
            returns += text.count("\r")
            quotes += text.count('"')
            if wide < SURE:
                wide += _wide(text[:65536])
            if not block:
                break
            ends = text.endswith(("\n", "\r")) if text else ends
    if not lines and returns:
        lines, start = returns, start.replace("\r", "\n")
    return _Seen(lines + (not ends), quotes % 2 == 1, start.removeprefix("\ufeff"))


def _wide(text: str) -> int:
    return 0 if text.isascii() else sum(1 for letter in text if letter > "\x7f")


def _delimiter(line: str) -> str:
    counts = [line.count(mark) for mark in DELIMITERS]
    return DELIMITERS[counts.index(max(counts))]


def _rows(
    source: Path | BinaryIO, encoding: str, delimiter: str, *, strict: bool, skip: int
) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row. With odd quotes the csv must be exact, so that none swallows the rest."""
    with _bytes(source) as file:
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        if encoding.startswith("utf-16") and text.read(1) != "\ufeff":
            text.seek(0)
        reader = csv.reader(text, delimiter=delimiter, strict=strict)
        number = 0
        try:
            for number, cells in enumerate(reader, 1):
                if number > skip:
                    yield number, cells
        except csv.Error:
            raise SheetRefused("quote", line=number + 1) from None
        finally:
            with suppress(ValueError):  # the file may be closed already
                text.detach()


class _bytes:
    """A file to read from its start; closed after, unless it was given open."""

    def __init__(self, source: Path | BinaryIO) -> None:
        self.source = source

    def __enter__(self) -> BinaryIO:
        if isinstance(self.source, Path):
            self.file: BinaryIO = self.source.open("rb")
        else:
            self.file = self.source
            self.file.seek(0)
        return self.file

    def __exit__(self, *_: object) -> None:
        if isinstance(self.source, Path):
            self.file.close()
