"""What the photo operations give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints


class PhotoOut(Schema):
    """A stored photo; `url` is relative to the API."""

    id: str
    url: str
    thumb: str
    width: int
    height: int
    kind: str


class UploadIn(Schema):
    """A photo that will come in pieces. The key is the photo's: sending it whole under the same key is a repeat."""

    key: Annotated[str, StringConstraints(min_length=8, max_length=80, pattern=r"^[\w-]+$")]
    kind: Literal["near", "far", "before", "after", "evidence", "report"] = "report"
    size: int = Field(ge=1, le=2_000_000_000, description="Bytes.")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, description="Of all bytes, in hex; then damage on the way is noticed."
    )
    taken_at: datetime | None = None
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)


class UploadOut(Schema):
    """How far an upload is; `photo` once it is finished."""

    key: str
    offset: int = Field(description="Bytes the server has; send on from here.")
    size: int
    photo: PhotoOut | None = None
