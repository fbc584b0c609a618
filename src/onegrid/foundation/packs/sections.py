"""What a module declares about its part of a pack. The loader knows no domain: it hands each section its files.

A section reads (values and their form) and then links (references to other sections, which are all read by then).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from onegrid.foundation.packs.csv_tables import Row
from onegrid.foundation.packs.problems import Place, Problems
from onegrid.foundation.packs.reading import Reader, RowReader
from onegrid.foundation.packs.yaml_nodes import Node

T = TypeVar("T")


@dataclass(frozen=True)
class YamlFile:
    """A YAML file and the top-level keys of it that the section owns. The same file may have several owners."""

    name: str
    keys: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class CsvFile:
    """A table and its columns. ``inherit``: without a file of its own a pack uses the one it extends.

    ``fill_by``: a column; a blank cell takes the value of the row with the same entry in that column in the
    pack it extends (the first with the first, the second with the second, and so on; past the end, the last).
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    required: bool = True
    inherit: bool = False
    fill_by: str = ""


@dataclass(frozen=True)
class Head:
    """What every pack says about itself, read by the loader."""

    name: str
    version: str
    extends: str
    abstract: bool


@dataclass(frozen=True)
class Source:
    """What a section reads from: the merged files of one pack."""

    head: Head
    folder: str
    documents: Mapping[str, Node]
    tables: Mapping[str, tuple[Row, ...]]
    problems: Problems

    def document(self, file: str) -> Reader | None:
        """A reader for a YAML file, or None when the pack has none."""
        node = self.documents.get(file)
        return None if node is None or node.entries is None else Reader(node, self.problems)

    def rows(self, file: str) -> tuple[RowReader, ...]:
        """Readers for the rows of a table; none when the pack has no such file."""
        return tuple(RowReader(row, self.problems) for row in self.tables.get(file, ()))

    def file(self, name: str, line: int = 1) -> Place:
        """A place in one of the pack's own files."""
        return Place(f"{self.folder}/{name}", line)


@dataclass(frozen=True)
class Section(Generic[T]):
    """A module's part of every pack.

    ``read`` makes the section's value from its files; ``link`` checks it against the values of the other sections,
    given by name, and may return a completed value; ``summary`` is what `packs check --json` tells about it; ``stored``
    is what a locality's database keeps of it with the pack's version, as JSON.
    """

    name: str
    files: tuple[YamlFile | CsvFile, ...]
    read: Callable[[Source], T]
    link: Callable[[T, Mapping[str, object], Problems], T] | None = None
    summary: Callable[[T], Mapping[str, object]] | None = None
    stored: Callable[[T], Mapping[str, object]] | None = None
    folders: tuple[str, ...] = ()
