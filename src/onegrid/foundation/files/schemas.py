"""What the photo operations give."""

from __future__ import annotations

from ninja import Schema


class PhotoOut(Schema):
    """A stored photo; `url` is relative to the API."""

    id: str
    url: str
    thumb: str
    width: int
    height: int
    kind: str
