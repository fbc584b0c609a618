"""Loads packs: reads the files of a folder, lays them over the pack they extend, hands each section its part.

`load` gives one pack or raises with all its problems; `check` reads every pack of a folder and reports.
The version of a pack's content is a digest over its files and those of the packs it extends.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from onegrid.foundation.packs.csv_tables import Row, decode, read_csv
from onegrid.foundation.packs.errors import PackInvalid, PackNotFound
from onegrid.foundation.packs.merging import fill_rows, lay_over
from onegrid.foundation.packs.problems import Place, Problem, Problems, one_of
from onegrid.foundation.packs.reading import Reader, Title
from onegrid.foundation.packs.sections import CsvFile, Head, Section, Source, YamlFile
from onegrid.foundation.packs.yaml_nodes import Node, read_yaml

T = TypeVar("T")

HEAD_FILE = "pack.yaml"
HEAD_KEYS = ("name", "version", "extends", "abstract", "title", "seed")
NAME = re.compile(r"[a-z][a-z0-9_]{1,30}\Z")
LARGEST = 8 * 1024 * 1024
ALWAYS_ALLOWED = frozenset({"README.md"})


@dataclass(frozen=True)
class LoadedPack:
    """One valid pack: its head and the value of every section by name."""

    head: Head
    title: Title
    seed: str
    path: Path
    digest: str
    values: Mapping[str, object]
    summary: Mapping[str, object]
    stored: Mapping[str, object]

    @property
    def name(self) -> str:
        """The locality's name, which is also its schema and its first path segment."""
        return self.head.name

    @property
    def version(self) -> str:
        """The version the pack gives itself, with the first letters of its digest: 2026.1+3f9a01c2."""
        return f"{self.head.version}+{self.digest[:8]}"

    def section(self, name: str, kind: type[T]) -> T:
        """The value of a section, checked to be of its type."""
        value = self.values[name]
        if not isinstance(value, kind):
            raise TypeError(f"section {name!r} is {type(value).__name__}, not {kind.__name__}")
        return value


@dataclass(frozen=True)
class CheckReport:
    """What checking a folder of packs found."""

    problems: tuple[Problem, ...]
    localities: Mapping[str, Mapping[str, object]]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, object]:
        """The answer of `packs check --json`."""
        return {
            "ok": self.ok,
            "problems": [problem.as_json() for problem in self.problems],
            "localities": {name: dict(summary) for name, summary in self.localities.items()},
        }


Sections = Mapping[str, Section[Any]]


def names(root: Path) -> tuple[str, ...]:
    """Names of the folders of packs that have a pack.yaml, sorted."""
    return tuple(sorted(folder.name for folder in root.iterdir() if (folder / HEAD_FILE).is_file()))


def load(root: Path, name: str, sections: Sections) -> LoadedPack:
    """One pack with everything it extends. Raises PackNotFound, or PackInvalid with every problem."""
    if not (root / name / HEAD_FILE).is_file():
        raise PackNotFound(name, names(root) if root.is_dir() else ())
    problems = Problems()
    pack = _Reading(root, sections, problems).pack(name)
    if len(problems) or pack is None:
        raise PackInvalid(name, problems)
    return pack


def check(root: Path, sections: Sections) -> CheckReport:
    """Read every pack below a folder and report all problems and what each locality holds."""
    problems = Problems()
    reading = _Reading(root, sections, problems)
    localities: dict[str, Mapping[str, object]] = {}
    found = names(root) if root.is_dir() else ()
    if not found:
        problems.add(Place(str(root), 1), "", "no pack in this folder", "folders with a pack.yaml")
    for name in found:
        before = len(problems)
        pack = reading.pack(name)
        if pack is not None and not pack.head.abstract:
            localities[name] = {"ok": len(problems) == before, "version": pack.version, **pack.summary}
    return CheckReport(tuple(problems), localities)


@dataclass(frozen=True)
class _Files:
    """The raw and merged content of one folder."""

    head: Head
    documents: Mapping[str, Node]
    tables: Mapping[str, tuple[Row, ...]]
    digest: str


class _Reading:
    """One run: files are read once, even when several packs extend the same one."""

    def __init__(self, root: Path, sections: Sections, problems: Problems) -> None:
        self.root = root
        self.sections = sections
        self.problems = problems
        self._files: dict[str, _Files | None] = {}
        self._yaml = _owned_keys(sections)
        self._csv = {
            spec.name: spec for section in sections.values() for spec in section.files if isinstance(spec, CsvFile)
        }
        self._folders = {folder for section in sections.values() for folder in section.folders}

    def pack(self, name: str) -> LoadedPack | None:
        """Read, link and summarise one pack; None when its head cannot be read."""
        files = self.files(name, ())
        if files is None:
            return None
        source = Source(files.head, name, files.documents, files.tables, self.problems)
        title, seed = self._title(source)
        values: dict[str, object] = {key: section.read(source) for key, section in self.sections.items()}
        summary: dict[str, object] = {}
        if not files.head.abstract:
            for key, section in self.sections.items():
                if section.link is not None:
                    values[key] = section.link(values[key], values, self.problems)
            for key, section in self.sections.items():
                if section.summary is not None:
                    summary.update(section.summary(values[key]))
        stored = {} if files.head.abstract else self._stored(values, title, seed)
        return LoadedPack(files.head, title, seed, self.root / name, files.digest, values, summary, stored)

    def _stored(self, values: Mapping[str, object], title: Title, seed: str) -> dict[str, object]:
        sections = {
            key: section.stored(values[key]) for key, section in self.sections.items() if section.stored is not None
        }
        return {"title": title.as_json(), "seed": seed, **sections}

    def files(self, name: str, path: Sequence[str]) -> _Files | None:
        """The files of a pack laid over those it extends; ``path`` is how we got here."""
        if name not in self._files:
            self._files[name] = self._read(name, (*path, name))
        return self._files[name]

    def _read(self, name: str, path: Sequence[str]) -> _Files | None:
        folder = self.root / name
        self._check_names(name, folder)
        digest = hashlib.sha256()
        documents = self._documents(name, folder, digest)
        head = self._head(name, documents.get(HEAD_FILE))
        if head is None:
            return None
        below = self._below(name, head, documents[HEAD_FILE], path)
        if below is not None:
            digest.update(below.digest.encode())
        tables = self._tables(name, folder, below, head.abstract, digest)
        merged = {file: self._merge(file, below, documents.get(file)) for file in self._yaml}
        for spec_name, required in self._yaml_required().items():
            if required and merged.get(spec_name) is None and not head.abstract:
                self.problems.add(
                    Place(f"{name}/{spec_name}", 1),
                    "",
                    "the file is missing",
                    f"a file {spec_name}, or one in the pack it extends",
                )
        return _Files(
            head, {file: node for file, node in merged.items() if node is not None}, tables, digest.hexdigest()
        )

    def _documents(self, name: str, folder: Path, digest: hashlib._Hash) -> dict[str, Node]:
        documents: dict[str, Node] = {}
        for file, keys in self._yaml.items():
            text = self._text(folder / file, f"{name}/{file}", digest)
            node = None if text is None else read_yaml(text, f"{name}/{file}", self.problems)
            if node is None:
                continue
            if node.entries is None:
                self.problems.add(node.place, "", f"found {node.kind()}", "a mapping")
                continue
            for key, value in node.entries.items():
                if key not in keys:
                    self.problems.add(value.place, key, f"unknown key {key!r}", one_of(key, sorted(keys)))
            documents[file] = node
        return documents

    def _head(self, name: str, node: Node | None) -> Head | None:
        if node is None:
            return None
        reader = Reader(node, self.problems)
        found = reader.text("name", pattern=NAME, form="lower-case letters, digits and _")
        if found and found != name:
            reader.wrong("name", f"found {found!r}", f"the name of its folder, {name}")
        return Head(
            name,
            reader.text("version", form='text such as "2026.1"'),
            reader.text("extends", required=False),
            reader.flag("abstract"),
        )

    def _title(self, source: Source) -> tuple[Title, str]:
        reader = source.document(HEAD_FILE)
        if reader is None or source.head.abstract:
            return Title(source.head.name, source.head.name), ""
        return reader.title("title"), reader.text("seed")

    def _below(self, name: str, head: Head, node: Node, path: Sequence[str]) -> _Files | None:
        if not head.extends:
            return None
        place = (node.entries or {})["extends"].place
        if head.extends in path:
            self.problems.add(place, "extends", f"{' extends '.join((*path, head.extends))}", "no circle")
            return None
        if not (self.root / head.extends / HEAD_FILE).is_file():
            self.problems.add(place, "extends", f"no pack {head.extends!r}", one_of(head.extends, names(self.root)))
            return None
        return self.files(head.extends, path)

    def _merge(self, file: str, below: _Files | None, above: Node | None) -> Node | None:
        under = below.documents.get(file) if below is not None else None
        if file == HEAD_FILE and under is not None and under.entries is not None:
            # A pack's head is its own; only what sections own is inherited.
            under = Node(
                under.place, entries={key: node for key, node in under.entries.items() if key not in HEAD_KEYS}
            )
        return lay_over(under, above, self.problems)

    def _tables(
        self, name: str, folder: Path, below: _Files | None, abstract: bool, digest: hashlib._Hash
    ) -> dict[str, tuple[Row, ...]]:
        tables: dict[str, tuple[Row, ...]] = {}
        for file, spec in self._csv.items():
            under = below.tables.get(file) if below is not None else None
            text = self._text(folder / file, f"{name}/{file}", digest)
            if text is None:
                if spec.inherit and under is not None:
                    tables[file] = under
                elif spec.required and not abstract:
                    self.problems.add(
                        Place(f"{name}/{file}", 1),
                        "",
                        "the file is missing",
                        f"a table with the columns {', '.join(spec.columns)}",
                    )
                continue
            rows = read_csv(text, f"{name}/{file}", spec.columns, spec.optional, self.problems)
            tables[file] = fill_rows(under, rows, spec.fill_by) if under and spec.fill_by else rows
        return tables

    def _text(self, path: Path, file: str, digest: hashlib._Hash) -> str | None:
        if not path.is_file():
            return None
        raw = path.read_bytes()
        digest.update(file.encode() + b"\0" + raw + b"\0")
        if len(raw) > LARGEST:
            self.problems.add(Place(file, 1), "", f"the file has {len(raw)} bytes", f"at most {LARGEST}")
            return None
        return decode(raw, file, self.problems)

    def _check_names(self, name: str, folder: Path) -> None:
        known = [*self._yaml, *self._csv, *self._folders, *ALWAYS_ALLOWED]
        for entry in sorted(folder.iterdir()):
            if entry.name not in known and not entry.name.startswith("."):
                self.problems.add(
                    Place(f"{name}/{entry.name}", 1), "", f"unknown file {entry.name!r}", one_of(entry.name, known)
                )

    def _yaml_required(self) -> dict[str, bool]:
        required: dict[str, bool] = {HEAD_FILE: True}
        for section in self.sections.values():
            for spec in section.files:
                if isinstance(spec, YamlFile):
                    required[spec.name] = required.get(spec.name, False) or spec.required
        return required


def _owned_keys(sections: Sections) -> dict[str, set[str]]:
    owned: dict[str, set[str]] = {HEAD_FILE: set(HEAD_KEYS)}
    for section in sections.values():
        for spec in section.files:
            if isinstance(spec, YamlFile):
                keys = owned.setdefault(spec.name, set())
                if keys & set(spec.keys):
                    raise ValueError(f"two sections own {sorted(keys & set(spec.keys))} of {spec.name}")
                keys.update(spec.keys)
    return owned
