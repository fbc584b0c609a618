"""Who is it? Between the locality's transaction and the view: cookie or token → person → hat → standing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from onegrid.foundation.accounts.actor import Actor, wearing
from onegrid.foundation.accounts.errors import MustChangePassword, StalePage
from onegrid.foundation.accounts.hats import hats_of
from onegrid.foundation.accounts.secrets import csrf_of
from onegrid.foundation.accounts.services import keys, sessions
from onegrid.foundation.database.context import Standing, become
from onegrid.foundation.kernel.errors import NotSignedIn, OneGridError
from onegrid.foundation.kernel.texts import Lang

Answer = Callable[[HttpRequest], HttpResponseBase]
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OPEN_TO_NEWCOMERS: Final = ("/api/v1/me", "/api/v1/session", "/api/v1/locality")
"""What somebody may use who must change his password first."""


class ActorMiddleware:
    """Sets `request.actor` and goes on in its standing. Anonymous is an actor too, and sees no grid's rows."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        around: Any = request
        lang: Lang = getattr(request, "lang", "zh-CN")
        around.actor = Actor(kind="anonymous", lang=lang)
        if getattr(around, "locality", None) is None:
            return self.get_response(request)
        try:
            around.actor = identify(request)
        except OneGridError as why:
            refuse: Callable[[HttpRequest, Exception], HttpResponseBase] = import_string(settings.ONEGRID_ERROR_ANSWER)
            return refuse(request, why)
        who = standing_of(around.locality.name, around.actor)
        with become(who) if who else nullcontext():
            return self.get_response(request)


def identify(request: HttpRequest) -> Actor:
    """The actor of a request. Raises `NotSignedIn` for a bad token, `StalePage` for a forged write."""
    around: Any = request
    bearer = request.headers.get("Authorization", "")
    if bearer.startswith("Bearer "):
        return _with_token(around, bearer.removeprefix("Bearer ").strip())
    _refuse_other_sites(request)
    cookie = nearest_cookie(request, cookie_name(around.locality.name))
    session = sessions.find(cookie, around.now) if cookie else None
    if session is None:
        return Actor(kind="anonymous", lang=around.lang, request_id=around.request_id)
    if request.method not in SAFE and request.headers.get("X-CSRFToken") != csrf_of(session.digest):
        raise StalePage(key="errors.csrf")
    return _of_session(around, session)


def nearest_cookie(request: HttpRequest, name: str) -> str | None:
    """The first cookie of this name: browsers send the one with the longest path first, Django would keep the last.

    With a single locality the same pages live with and without its prefix, and somebody may be signed in under both.
    """
    for part in request.headers.get("Cookie", "").split(";"):
        found, _, value = part.strip().partition("=")
        if found == name:
            return value
    return None


def cookie_name(locality: str) -> str:
    """One cookie per locality: two localities on one host are two sign-ins."""
    return f"onegrid_{locality}"


def _of_session(around: Any, session: sessions.Signed) -> Actor:
    more = {"request_id": around.request_id, "session": session.digest}
    if session.user_id is not None:
        return _staff(around, session, session.hat, more)
    return Actor(kind="resident", resident_id=session.resident_id, lang=around.lang, **more)


def _with_token(around: Any, plain: str) -> Actor:
    key = keys.find(plain, "token")
    if key is None or key.user_id is None:
        raise NotSignedIn()
    wanted = around.headers.get("X-Hat", "") or key.hat
    return _staff(around, key, wanted, {"request_id": around.request_id})


def _staff(around: Any, who: sessions.Signed | keys.Key, hat: str, more: dict[str, Any]) -> Actor:
    user_id = who.user_id or 0
    hats = hats_of(user_id, around.now)
    actor = wearing(hats, hat, user_id=user_id, name=who.name, lang=around.lang, must_change=who.must_change, **more)
    if who.must_change and not around.path_info.startswith(OPEN_TO_NEWCOMERS):
        raise MustChangePassword()
    return actor


def _refuse_other_sites(request: HttpRequest) -> None:
    """A write another site makes the browser send is refused even without a session (sign-in CSRF)."""
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise StalePage(key="errors.csrf")


def standing_of(locality: str, actor: Actor) -> Standing | None:
    """Department hats and residents are database roles; a grid's hat is its subtree; None: others see no rows."""
    if actor.kind == "resident":
        return Standing(locality, "", "resident", person=str(actor.resident_id))
    if actor.department_path:
        return Standing(locality, "", "department", department=actor.department_path)
    return Standing(locality, actor.scope_path) if actor.scope_path else None
