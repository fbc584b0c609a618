"""Cleaning a picture: read it, turn it upright, make it small, write it anew. What goes out was written by us.

Re-encoding drops every kind of metadata (position, serial numbers, embedded previews, the tail of a polyglot file).
No Django here.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from onegrid.foundation.files.errors import HeicRefused, NotAPhoto, PhotoTooLarge, TooManyPixels

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
LONGEST: Final = 1600
THUMB: Final = 320
FORMATS: Final = ("JPEG", "PNG", "WEBP")
HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})


@dataclass(frozen=True)
class Cleaned:
    """A picture as it is kept: JPEG bytes of the full size and of the thumbnail."""

    full: bytes
    thumb: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Name of the full picture on disk."""
        return hashlib.sha256(self.full).hexdigest()


def clean(data: bytes) -> Cleaned:
    """The clean picture of uploaded bytes. Raises `HeicRefused`, `NotAPhoto`, `PhotoTooLarge`, `TooManyPixels`."""
    if len(data) > MAX_BYTES:
        raise PhotoTooLarge(megabytes=MAX_BYTES // 1024 // 1024)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise HeicRefused()
    picture = _read(data)
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    small = picture.copy()
    small.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    return Cleaned(_jpeg(picture, 85), _jpeg(small, 78), picture.width, picture.height)


def _read(data: bytes) -> Image.Image:
    """The pixels, upright, without transparency. The size is checked before anything is unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise TooManyPixels(megapixels=MAX_PIXELS // 1_000_000)
                # JPEG can be decoded at a fraction of its size: less memory for a big photo.
                picture.draft("RGB", (LONGEST, LONGEST))
                upright = ImageOps.exif_transpose(picture)
                return _flat(upright)
    except Image.DecompressionBombError as why:
        raise TooManyPixels(megapixels=MAX_PIXELS // 1_000_000) from why
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as why:
        raise NotAPhoto() from why


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return picture.convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
