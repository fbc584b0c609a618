"""Reads YAML into nodes that know their file and line. Nothing is executed: no tags, no anchors, no repeated keys.

Values keep their plain meaning: text, whole number, number, yes/no, nothing, list, mapping. A number with a
leading zero stays text, because it is a code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from onegrid.foundation.packs.problems import Place, Problems

Scalar = str | int | float | bool | None

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset({"str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value"})
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
DEEPEST = 40
_TRUE = frozenset({"true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands. Exactly one of the three forms holds: mapping, list, or a single value."""

    place: Place
    value: Scalar = None
    items: tuple[Node, ...] | None = None
    entries: dict[str, Node] | None = None

    def kind(self) -> str:
        """What it is, in words for a message."""
        if self.entries is not None:
            return "a mapping"
        if self.items is not None:
            return "a list"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, bool):
            return f"yes/no {str(self.value).lower()}"
        if isinstance(self.value, str):
            return f"text {self.value!r}"
        return f"number {self.value}"


def read_yaml(text: str, file: str, problems: Problems) -> Node | None:
    """Parse one document; None (and a problem) when it cannot be read at all."""
    try:
        deep = _too_deep(text)
        if deep:
            problems.add(Place(file, deep), "", f"more than {DEEPEST} levels of nesting", "a flatter file")
            return None
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(
            Place(file, mark.line + 1 if mark else 1),
            "",
            f"not valid YAML: {error.problem or error.context}",
            "one well-formed document",
        )
        return None
    except yaml.YAMLError as error:
        problems.add(Place(file, 1), "", f"not valid YAML: {str(error).splitlines()[0]}", "one well-formed document")
        return None
    if root is None:
        problems.add(Place(file, 1), "", "the file is empty", "a mapping")
        return None
    return _node(root, file, problems, set())


def _too_deep(text: str) -> int:
    """The line where nesting passes the limit, or 0. Asked before composing, which recurses in C and would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return 0


def _node(raw: Any, file: str, problems: Problems, seen: set[int], place: Place | None = None) -> Node:
    place = place or Place(file, raw.start_mark.line + 1)
    if id(raw) in seen:
        problems.add(place, "", "anchors and aliases are not allowed in a pack", "the value written out")
        return Node(place)
    seen.add(id(raw))
    if not raw.tag.startswith(_TAG) or raw.tag[len(_TAG) :] not in _PLAIN:
        problems.add(
            place, "", f"the tag {raw.tag!r} is not allowed in a pack", "plain text, numbers, lists and mappings"
        )
        return Node(place)
    if isinstance(raw, yaml.SequenceNode):
        return Node(place, items=tuple(_node(item, file, problems, seen) for item in raw.value))
    if isinstance(raw, yaml.MappingNode):
        return Node(place, entries=_entries(raw, file, problems, seen))
    return Node(place, value=_scalar(raw))


def _entries(raw: Any, file: str, problems: Problems, seen: set[int]) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for key, value in raw.value:
        place = Place(file, key.start_mark.line + 1)
        if not isinstance(key, yaml.ScalarNode):
            problems.add(place, "", "a key must be a word", "word: value")
            continue
        if key.value in entries:
            first = entries[key.value].place.line
            problems.add(place, key.value, f"repeated key {key.value!r}, first at line {first}", "each key once")
            continue
        # A block that starts on the next line is told at its key, where people look for it; so is an alias.
        entries[key.value] = _node(value, file, problems, seen, place)
    return entries


def _scalar(raw: Any) -> Scalar:
    text: str = raw.value
    tag = raw.tag[len(_TAG) :]
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in _TRUE
    if tag == "int" and _INTEGER.match(text):
        return int(text)
    if tag == "float":
        try:
            return float(text)
        except ValueError:
            return text
    return text
