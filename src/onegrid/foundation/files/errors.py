"""What can be wrong with a photo.

OneGridError
├── NotAPhoto 415     no image we can read
├── HeicRefused 415   the phone's own format: it can send JPEG instead
├── TooManyPixels 413
├── PhotoTooLarge 413
├── UploadOffset 409  the upload stands elsewhere; `offset` says where
└── UploadDamaged 422 other bytes than announced; it begins anew
"""

from __future__ import annotations

from onegrid.foundation.kernel.errors import Conflict, Invalid, TooLarge, UnsupportedMedia


class NotAPhoto(UnsupportedMedia):
    """No JPEG, PNG or WebP, or a broken one."""

    code = "not_a_photo"


class HeicRefused(UnsupportedMedia):
    """HEIC/HEIF is not read here."""

    code = "heic_refused"


class TooManyPixels(TooLarge):
    """A picture that would unpack to too much."""

    code = "too_many_pixels"


class PhotoTooLarge(TooLarge):
    """Too many bytes."""

    code = "photo_too_large"


class UploadOffset(Conflict):
    """Bytes for another place than where the upload stands."""

    code = "upload_offset"


class UploadDamaged(Invalid):
    """The bytes that arrived are not those that were announced."""

    code = "upload_damaged"
