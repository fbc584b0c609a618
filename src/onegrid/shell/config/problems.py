"""Every error leaves in one shape: ``{"code", "message", "fields", "request_id"}``, in the reader's language."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import psycopg
from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from ninja.responses import NinjaJSONEncoder

from onegrid.foundation.kernel import errors
from onegrid.foundation.kernel.errors import FieldError, OneGridError
from onegrid.foundation.kernel.texts import Lang, has_text, text

log = logging.getLogger("onegrid.web")

SUSPICIOUS = (DisallowedHost, SuspiciousOperation)
REFUSED_BY_POLICY = "42501"
"""PostgreSQL's insufficient_privilege: the row is outside the caller's sight, which must look like missing."""

BY_STATUS: dict[int, type[OneGridError]] = {
    400: errors.BadRequest,
    401: errors.NotSignedIn,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.UnsupportedMedia,
    422: errors.Invalid,
    429: errors.TooMany,
    503: errors.Unavailable,
}

FIELD_WORDS = (
    ("missing", "required"),
    ("extra_forbidden", "unknown"),
    ("string_too_long", "too_long"),
    ("too_long", "too_long"),
    ("string_too_short", "too_short"),
    ("too_short", "too_short"),
    ("greater_than", "out_of_range"),
    ("less_than", "out_of_range"),
    ("literal_error", "not_a_choice"),
    ("enum", "not_a_choice"),
    ("string_type", "wrong_type"),
    ("int_", "wrong_type"),
    ("float_", "wrong_type"),
    ("bool_", "wrong_type"),
    ("list_type", "wrong_type"),
    ("dict_type", "wrong_type"),
)
"""How pydantic's kinds of refusal begin, and our word for them in the locale files."""
BRANCHES = frozenset({"constrained-str", "str", "int", "float", "bool", "none", "date", "datetime", "uuid"})
"""What pydantic puts behind a field whose value may be of several kinds: it refuses once for each of them."""


def register(api: NinjaAPI) -> None:
    """Put our handlers in front of ninja's own shapes."""
    api.add_exception_handler(Exception, respond)
    for kind in (OneGridError, AuthenticationError, AuthorizationError, HttpError, ValidationError, Http404):
        api.add_exception_handler(kind, respond)


def respond(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The answer for an error raised anywhere in a view."""
    if isinstance(error, ValidationError):
        return _answer(request, errors.Invalid(), fields=_ninja_fields(request, error))
    known = translate(error)
    if known is None:
        log.exception("request %s failed", _request_id(request), exc_info=_raised(error))
        return _json(request, 500, "server_error", text("errors.server_error", _lang(request)), [], {})
    return _answer(request, known)


def translate(error: Exception | type[Exception]) -> OneGridError | None:
    """The error a caller may see for any exception; None when it is a fault of ours."""
    if isinstance(error, OneGridError):
        return error
    if isinstance(error, HttpError):
        return BY_STATUS.get(error.status_code, errors.BadRequest)()
    table: tuple[tuple[tuple[type[Exception], ...], type[OneGridError]], ...] = (
        ((AuthenticationError,), errors.NotSignedIn),
        ((AuthorizationError, PermissionDenied), errors.Forbidden),
        ((Http404,), errors.NotFound),
        ((RequestDataTooBig,), errors.TooLarge),
        ((*SUSPICIOUS, MultiPartParserError), errors.BadRequest),
    )
    for kinds, known in table:
        if isinstance(error, kinds):
            return known()
    return _from_database(error) if isinstance(error, DatabaseError | psycopg.Error) else None


def _from_database(error: Exception) -> OneGridError | None:
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if getattr(cause, "sqlstate", None) == REFUSED_BY_POLICY:
        return errors.NotFound()
    if isinstance(error, DataError | psycopg.DataError):
        # What no column can hold, such as a NUL in a search word.
        return errors.Invalid()
    if isinstance(error, OperationalError | psycopg.OperationalError):
        log.error("the database is not available: %s", error)
        return errors.Unavailable(retry_after=5)
    return None


def _answer(
    request: HttpRequest, error: OneGridError, *, fields: Sequence[dict[str, str]] | None = None
) -> HttpResponse:
    lang = _lang(request)
    said = [*fields] if fields is not None else [_field(item, lang) for item in error.fields]
    key = error.key if has_text(error.key) else f"errors.{error.code}"
    response = _json(request, error.status, error.code, text(key, lang, **error.values), said, error.extra)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _field(item: FieldError, lang: Lang) -> dict[str, str]:
    return {"field": item.field, "message": text(item.key, lang, **(item.values or {}))}


def _ninja_fields(request: HttpRequest, error: ValidationError) -> list[dict[str, str]]:
    """Which fields of the body, query or path were refused. Pydantic's words are English; ours stand for the rest."""
    places = [_place(item.get("loc", ())) for item in error.errors]
    refused = Counter(tuple(place[:-1]) for place in places)
    found: dict[str, str] = {}
    for item, whole in zip(error.errors, places, strict=True):
        is_branch = whole[-1:] and whole[-1] in BRANCHES and refused[tuple(whole[:-1])] > 1
        place = whole[:-1] if is_branch else whole
        word = next((word for start, word in FIELD_WORDS if str(item.get("type", "")).startswith(start)), "invalid")
        found.setdefault(".".join(place), text(f"errors.field.{word}", _lang(request)))
    return [{"field": field, "message": message} for field, message in found.items()]


def _place(loc: Sequence[object]) -> list[str]:
    """Where in the request a refused value stands: `values.name`, `residents.0.phone`, `limit`.

    Ninja puts where it was read from first, then, for a body and for a schema of the query, our own name of it.
    """
    source, *parts = [str(part) for part in loc if part != "[key]"] or [""]
    named = len(parts) > 1 and (source == "body" or not parts[1].isdigit())
    return parts[1:] if named else parts


def _json(
    request: HttpRequest, status: int, code: str, message: str, fields: list[dict[str, str]], extra: dict[str, Any]
) -> HttpResponse:
    content = {**extra, "code": code, "message": message, "fields": fields, "request_id": _request_id(request)}
    response = JsonResponse(content, encoder=NinjaJSONEncoder, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


def _lang(request: HttpRequest) -> Lang:
    return getattr(request, "lang", "zh-CN")


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def _raised(error: Exception | type[Exception]) -> BaseException | None:
    return error if isinstance(error, BaseException) else None
