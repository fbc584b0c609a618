"""The tree of errors a user can meet.

Each error is a type with a stable `code`, a message key in the locale files and,
where a form is involved, the fields at fault. The shell turns them into
`{"code", "message", "fields", "request_id"}`; nothing else builds that shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One field of a form that was refused; `key` is a message key, `values` fill it."""

    field: str
    key: str
    values: Mapping[str, object] | None = None


class OneGridError(Exception):
    """Root of all errors meant for the caller.

    `status` is the HTTP status, `code` the stable word for programs, `key` the
    message key (default `errors.<code>`), `values` the message's blanks.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(
        self,
        key: str | None = None,
        *,
        fields: Sequence[FieldError] = (),
        retry_after: int | None = None,
        extra: Mapping[str, object] | None = None,
        **values: object,
    ) -> None:
        self.key = key or f"errors.{self.code}"
        self.fields = tuple(fields)
        self.values = values
        self.retry_after = retry_after
        """Seconds after which trying again makes sense (429, 503)."""
        self.extra = dict(extra or {})
        """More members of the answer, e.g. `current` of a conflict."""
        super().__init__(self.key, values)


class Invalid(OneGridError):
    """The request is understood and its content refused; `fields` says where."""

    status = 422
    code = "invalid"


class BadRequest(OneGridError):
    """The request cannot be read at all."""


class NotSignedIn(OneGridError):
    """The operation needs someone to be signed in."""

    status = 401
    code = "not_signed_in"


class SignInRefused(OneGridError):
    """Wrong name, password or code: always the same words, whichever was wrong."""

    status = 401
    code = "sign_in_refused"


class SecondFactorNeeded(OneGridError):
    """The password was right and a one-time code must follow."""

    status = 401
    code = "second_factor_needed"


class Forbidden(OneGridError):
    """Known to exist for the caller, and not allowed (a whole face or operation, never one record)."""

    status = 403
    code = "forbidden"


class NotFound(OneGridError):
    """Missing, or hidden from the caller: the two look the same."""

    status = 404
    code = "not_found"


class MethodNotAllowed(OneGridError):
    """The address exists, the verb does not."""

    status = 405
    code = "method_not_allowed"


class Conflict(OneGridError):
    """Somebody was faster, or the same key came with another content."""

    status = 409
    code = "conflict"


class KeyReused(Conflict):
    """An idempotency key came again with a different body."""

    code = "key_reused"


class TooLarge(OneGridError):
    """More bytes or pixels than allowed."""

    status = 413
    code = "too_large"


class UnsupportedMedia(OneGridError):
    """A kind of file or body we do not take."""

    status = 415
    code = "unsupported_media"


class TooMany(OneGridError):
    """A limit on how often; `retry_after` says when to come back."""

    status = 429
    code = "too_many"


class Unavailable(OneGridError):
    """Something we need is down or full; nothing was stored; try again."""

    status = 503
    code = "unavailable"


class ProgrammingMistake(RuntimeError):
    """Our own code broke a rule of the house. Never shown as is; it becomes a 500."""


class NoStanding(ProgrammingMistake):
    """The database was asked without saying on whose behalf (see `database.context`)."""
