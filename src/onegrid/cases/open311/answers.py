"""How Open311 answers look: plain values → JSON or XML, and errors in both.

A list of things is `(root, child, items)`: XML wraps it, JSON is the bare array (the standard's "Spark" convention).
Empty values never leave: JSON omits them, XML too, because clients choke on nulls rather than on absence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree import ElementTree as ET  # written with, never parsed with

from django.http import HttpResponse

Format = Literal["json", "xml"]
TYPES: Mapping[Format, str] = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
CHILDREN: Mapping[str, str] = {
    "endpoints": "endpoint", "formats": "format", "attributes": "attribute", "values": "value",
}  # fmt: skip
"""What the members of a nested list are called in XML."""
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML 1.0 cannot hold."""


@dataclass(frozen=True)
class Many:
    """A list answer."""

    root: str
    child: str
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class One:
    """A single answer: an object in JSON."""

    root: str
    values: Mapping[str, Any]


class Refusal(Exception):
    """What the standard answers instead: an HTTP status and one or more (code, description)."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = errors


def answer(content: Many | One, fmt: Format, status: int = 200) -> HttpResponse:
    """The HTTP answer."""
    body = _json(content) if fmt == "json" else _xml(content)
    response = HttpResponse(body, content_type=TYPES[fmt], status=status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-store"
    return response


def refusal(error: Refusal, fmt: Format) -> HttpResponse:
    """The error body of the standard: every error with a code and a description."""
    rows = [{"code": str(error.status), "description": text} for text in error.errors]
    return answer(Many("errors", "error", rows), fmt, error.status)


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty; False and 0 are not."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [])}


def _json(content: Many | One) -> str:
    plain: Any = [filled(one) for one in content.items] if isinstance(content, Many) else filled(content.values)
    return json.dumps(plain, ensure_ascii=False)


def _xml(content: Many | One) -> bytes:
    root = ET.Element(content.root)
    if isinstance(content, Many):
        for one in content.items:
            _put(ET.SubElement(root, content.child), one)
    else:
        _put(root, content.values)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _put(element: ET.Element, values: Mapping[str, Any]) -> None:
    for name, value in filled(values).items():
        child = ET.SubElement(element, name)
        if isinstance(value, bool):
            child.text = "true" if value else "false"
        elif isinstance(value, (list, tuple)):
            for one in value:
                _put_member(ET.SubElement(child, CHILDREN[name]), one)
        else:
            child.text = UNWRITABLE.sub("", str(value))


def _put_member(element: ET.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        _put(element, value)
    else:
        element.text = UNWRITABLE.sub("", str(value))
