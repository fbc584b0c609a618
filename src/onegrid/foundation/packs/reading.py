"""Helpers with which a section reads its part: each reads one value, checks it, and notes a problem instead of raising.

A value that is wrong becomes the default, so that reading goes on and one run reports every mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from onegrid.foundation.packs.csv_tables import Row
from onegrid.foundation.packs.problems import Place, Problems, one_of
from onegrid.foundation.packs.yaml_nodes import Node

T = TypeVar("T")

KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
KEY_WORDS = "lower-case letters, digits and _"


@dataclass(frozen=True, slots=True)
class Title:
    """A name in both languages of the interface."""

    zh: str
    en: str

    def as_json(self) -> dict[str, str]:
        """The form the API and stored packs use."""
        return {"zh": self.zh, "en": self.en}


class Reader:
    """Reads one mapping of a YAML file. Call `done` at the end to have unknown keys reported."""

    def __init__(self, node: Node, problems: Problems, path: str = "") -> None:
        self.place = node.place
        self.problems = problems
        self.path = path
        self._asked: set[str] = set()
        self._entries: Mapping[str, Node] = node.entries or {}
        if node.entries is None:
            problems.add(node.place, path, f"found {node.kind()}", "a mapping")

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        node = self._take(key)
        return node is not None and (node.value is not None or node.items is not None or node.entries is not None)

    def is_list(self, key: str) -> bool:
        """Whether the key holds a list."""
        node = self._take(key)
        return node is not None and node.items is not None

    def where(self, key: str) -> Place:
        """Where the key stands, or the mapping when it is absent."""
        node = self._entries.get(key)
        return node.place if node else self.place

    def name(self, key: str) -> str:
        """The key with its path, for messages."""
        return f"{self.path}.{key}" if self.path else key

    def keys(self) -> tuple[str, ...]:
        """Every key that is there."""
        return tuple(self._entries)

    def wrong(self, key: str, message: str, expected: str = "") -> None:
        """Note a problem with the value of a key."""
        self.problems.add(self.where(key), self.name(key), message, expected)

    def text(
        self,
        key: str,
        *,
        required: bool = True,
        default: str = "",
        pattern: re.Pattern[str] | None = None,
        form: str = "text",
    ) -> str:
        """A non-empty text; ``pattern`` must match it whole, ``form`` says so in words."""
        node = self._value(key, required, form)
        if node is None:
            return default
        if not isinstance(node.value, str):
            quote = " (put it in quotes)" if isinstance(node.value, int | float | bool) else ""
            self.wrong(key, f"found {node.kind()}", form + quote)
            return default
        if not node.value.strip() or (pattern is not None and not pattern.match(node.value)):
            self.wrong(key, f"found {node.kind()}", form)
            return default
        return node.value.strip()

    def key(self, key: str = "key") -> str:
        """A short name for use by programs."""
        return self.text(key, pattern=KEY, form=KEY_WORDS)

    def choice(self, key: str, words: Collection[str], *, required: bool = True, default: str = "") -> str:
        """One word of a closed list."""
        value = self.text(key, required=required, default=default, form=one_of("", words))
        if value and value not in words:
            self.wrong(key, f"found {value!r}", one_of(value, words))
            return default
        return value

    def integer(self, key: str, lowest: int, highest: int, *, required: bool = True, default: int = 0) -> int:
        """A whole number within bounds."""
        form = f"a whole number from {lowest} to {highest}"
        node = self._value(key, required, form)
        if node is None:
            return default
        if isinstance(node.value, bool) or not isinstance(node.value, int) or not lowest <= node.value <= highest:
            self.wrong(key, f"found {node.kind()}", form)
            return default
        return node.value

    def number(self, key: str, lowest: float, highest: float, *, required: bool = True, default: float = 0.0) -> float:
        """A number within bounds."""
        form = f"a number from {lowest:g} to {highest:g}"
        node = self._value(key, required, form)
        if node is None:
            return default
        if (
            isinstance(node.value, bool)
            or not isinstance(node.value, int | float)
            or not lowest <= node.value <= highest
        ):
            self.wrong(key, f"found {node.kind()}", form)
            return default
        return float(node.value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Yes or no."""
        node = self._value(key, False, "yes or no")
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.wrong(key, f"found {node.kind()}", "yes or no")
            return default
        return node.value

    def title(self, key: str) -> Title:
        """A name in zh and en."""
        reader = self.inside(key)
        if reader is None:
            return Title("", "")
        value = Title(reader.text("zh"), reader.text("en"))
        reader.done()
        return value

    def texts(self, key: str, *, required: bool = True, words: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of texts, each once; with ``words`` each must be of that closed list."""
        values: list[str] = []
        for node in self.items(key, required=required):
            if not isinstance(node.value, str) or not node.value.strip():
                self.problems.add(node.place, self.name(key), f"found {node.kind()} in the list", "text")
            elif words is not None and node.value not in words:
                self.problems.add(node.place, self.name(key), f"found {node.value!r}", one_of(node.value, words))
            elif node.value in values:
                self.problems.add(node.place, self.name(key), f"{node.value!r} stands twice", "each once")
            else:
                values.append(node.value)
        return tuple(values)

    def items(self, key: str, *, required: bool = True) -> tuple[Node, ...]:
        """The nodes of a list."""
        node = self._value(key, required, "a list")
        if node is None:
            return ()
        if node.items is None:
            self.wrong(key, f"found {node.kind()}", "a list")
            return ()
        if required and not node.items:
            self.wrong(key, "the list is empty", "at least one entry")
        return node.items

    def inside(self, key: str, *, required: bool = True) -> Reader | None:
        """A reader for the mapping under a key."""
        node = self._value(key, required, "a mapping")
        if node is None:
            return None
        if node.entries is None:
            self.wrong(key, f"found {node.kind()}", "a mapping")
            return None
        return Reader(node, self.problems, self.name(key))

    def each(self, key: str, *, required: bool = True) -> Iterator[Reader]:
        """Readers for the mappings of a list."""
        for index, node in enumerate(self.items(key, required=required)):
            if node.entries is None:
                self.problems.add(node.place, f"{self.name(key)}[{index}]", f"found {node.kind()}", "a mapping")
            else:
                yield Reader(node, self.problems, f"{self.name(key)}[{index}]")

    def done(self) -> None:
        """Report keys nobody asked for."""
        for key, node in self._entries.items():
            if key not in self._asked:
                self.problems.add(node.place, self.name(key), f"unknown key {key!r}", one_of(key, sorted(self._asked)))

    def _take(self, key: str) -> Node | None:
        self._asked.add(key)
        return self._entries.get(key)

    def _value(self, key: str, required: bool, form: str) -> Node | None:
        node = self._take(key)
        if node is None:
            if required:
                self.wrong(key, f"{key!r} is missing", form)
            return None
        if node.value is None and node.items is None and node.entries is None:
            if required:
                self.wrong(key, f"{key!r} has no value", form)
            return None
        return node


class RowReader:
    """Reads the cells of one row of a table."""

    def __init__(self, row: Row, problems: Problems) -> None:
        self.row = row
        self.problems = problems
        self.place = row.place

    def wrong(self, column: str, message: str, expected: str = "") -> None:
        """Note a problem with a cell."""
        self.problems.add(self.row.where(column), column, message, expected)

    def text(
        self, column: str, *, required: bool = False, pattern: re.Pattern[str] | None = None, form: str = "text"
    ) -> str:
        """The cell's text."""
        value = self.row.text(column)
        if not value and required:
            self.wrong(column, "the cell is empty", form)
        if value and pattern is not None and not pattern.match(value):
            self.wrong(column, f"found {value!r}", form)
            return ""
        return value

    def choice(self, column: str, words: Collection[str], *, required: bool = True, default: str = "") -> str:
        """One word of a closed list."""
        value = self.text(column, required=required, form=one_of("", words))
        if value and value not in words:
            self.wrong(column, f"found {value!r}", one_of(value, words))
            return default
        return value or default

    def flag(self, column: str, *, default: bool = False) -> bool:
        """yes or no; a blank cell is the default."""
        value = self.row.text(column)
        if value not in {"", "yes", "no"}:
            self.wrong(column, f"found {value!r}", "yes or no")
        return default if value not in {"yes", "no"} else value == "yes"

    def listing(self, column: str, words: Collection[str] | None = None) -> tuple[str, ...]:
        """The parts between `|`, each once."""
        values: list[str] = []
        for part in self.row.text(column).split("|"):
            word = part.strip()
            if not word:
                continue
            if words is not None and word not in words:
                self.wrong(column, f"found {word!r}", one_of(word, words))
            elif word in values:
                self.wrong(column, f"{word!r} stands twice", "each once")
            else:
                values.append(word)
        return tuple(values)

    def day(self, column: str) -> date | None:
        """A date written YYYY-MM-DD."""
        value = self.row.text(column)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.wrong(column, f"found {value!r}", "a date such as 2026-01-31")
            return None

    def parsed(self, column: str, parse: Callable[[str], T], form: str, *, required: bool = False) -> T | None:
        """The cell through a parser that raises ValueError."""
        value = self.text(column, required=required, form=form)
        if not value:
            return None
        try:
            return parse(value)
        except ValueError:
            self.wrong(column, f"found {value!r}", form)
            return None
