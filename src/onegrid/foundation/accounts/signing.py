"""The steps behind the account operations: cookie in and out, counters that outlive a refusal, the audit row."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.http import HttpResponse

from onegrid.foundation.accounts.actor import Actor, Hat, wearing
from onegrid.foundation.accounts.errors import HatNotHeld
from onegrid.foundation.accounts.hats import hats_of
from onegrid.foundation.accounts.middleware import cookie_name
from onegrid.foundation.accounts.models import ApiKey, User
from onegrid.foundation.accounts.schemas import (
    CodeSent,
    ColumnsIn,
    HatOut,
    Me,
    PasswordIn,
    PhoneSignIn,
    Ref,
    SignIn,
    TokenIn,
    TokenOut,
    TotpOut,
    ViewIn,
    ViewOut,
    ViewsOut,
)
from onegrid.foundation.accounts.secrets import csrf_of
from onegrid.foundation.accounts.services import keys, limits, passwords, phones, sessions, views
from onegrid.foundation.database.context import widened
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import FieldError, NotFound, SignInRefused


def staff(request: Any, response: HttpResponse, body: SignIn) -> Me:
    """Sign in with name and password. The counted try is committed even when refused."""
    request.keep_writes = True
    with widened("sign_in"):
        user = passwords.sign_in(
            username=body.username,
            password=body.password,
            totp=body.totp or "",
            network=limits.network_of(request),
            now=request.now,
        )
        sessions.close(request.actor.session)
        opened = sessions.open_session(user=user, now=request.now)
        hats = hats_of(user.pk, request.now)
        request.actor = wearing(
            hats, "", user_id=user.pk, name=user.display_name, lang=request.lang, must_change=user.must_change,
            session=bytes(opened.row.digest), request_id=request.request_id,
        )  # fmt: skip
        journal.record(request.actor, "sign_in", ("user", user.pk), now=request.now)
    _set_cookies(request, response, opened)
    return _me(request.actor, totp=user.totp_on)


def resident(request: Any, response: HttpResponse, body: PhoneSignIn) -> Me:
    """Sign in with a phone code."""
    request.keep_writes = True
    with widened("sign_in"):
        person = phones.sign_in(phone=body.phone, code=body.code, network=limits.network_of(request), now=request.now)
        sessions.close(request.actor.session)
        opened = sessions.open_session(resident=person, now=request.now)
        request.actor = Actor(
            kind="resident", resident_id=person.pk, lang=request.lang, session=bytes(opened.row.digest),
            request_id=request.request_id,
        )  # fmt: skip
        journal.record(request.actor, "sign_in", ("resident", person.pk), now=request.now, scope_path="r.")
    _set_cookies(request, response, opened)
    return _me(request.actor)


def send_code(request: Any, phone: str) -> CodeSent:
    """Send a code to a phone."""
    with widened("sign_in"):
        drawer = phones.send_code(phone=phone, network=limits.network_of(request), lang=request.lang, now=request.now)
    return CodeSent(drawer=drawer)


def leave(request: Any, response: HttpResponse) -> None:
    """Sign out."""
    if request.actor.session:
        with widened("sign_in"):
            sessions.close(request.actor.session)
    for name in (cookie_name(request.locality.name), "csrftoken"):
        response.delete_cookie(name, path=_path(request))


def me(request: Any) -> Me:
    """Who is signed in."""
    actor: Actor = request.actor
    totp = False
    if actor.user_id is not None:
        with widened("sign_in"):
            totp = User.objects.filter(pk=actor.user_id, totp_on=True).exists()
    return _me(actor, totp=totp)


def wear(request: Any, hat: str) -> Me:
    """Choose a hat for this browser."""
    actor: Actor = request.actor
    if hat not in {str(one.id) for one in actor.hats}:
        raise HatNotHeld(fields=[FieldError("hat", "accounts.hat_not_held")])
    with widened("sign_in"):
        sessions.wear(actor.session, hat)
    request.actor = wearing(
        actor.hats, hat, user_id=actor.user_id or 0, name=actor.name, lang=actor.lang, session=actor.session,
        must_change=actor.must_change, request_id=actor.request_id,
    )  # fmt: skip
    return _me(request.actor)


def change_password(request: Any, body: PasswordIn) -> None:
    """The person's own change."""
    request.keep_writes = True
    with widened("sign_in"):
        passwords.change_password(
            _user(request), old=body.old, new=body.new, keep=request.actor.session, now=request.now
        )
        journal.record(request.actor, "change_password", ("user", request.actor.user_id), now=request.now)


def begin_totp(request: Any, password: str) -> TotpOut:
    """A new secret, after the password."""
    with widened("sign_in"):
        user = _user(request)
        if not check_password(password, user.password):
            raise SignInRefused(fields=[FieldError("password", "accounts.wrong_password")])
        secret, uri = passwords.new_secret(user)
    return TotpOut(secret=secret, uri=uri)


def confirm_totp(request: Any, code: str) -> None:
    """Turn the second factor on."""
    with widened("sign_in"):
        if not passwords.confirm_secret(_user(request), code, request.now):
            raise SignInRefused(fields=[FieldError("code", "accounts.wrong_code")])
        journal.record(request.actor, "totp_on", ("user", request.actor.user_id), now=request.now)


def drop_totp(request: Any, password: str) -> None:
    """Turn it off."""
    with widened("sign_in"):
        if not passwords.drop_secret(_user(request), password):
            raise SignInRefused(fields=[FieldError("password", "accounts.wrong_password")])
        journal.record(request.actor, "totp_off", ("user", request.actor.user_id), now=request.now)


def tokens(request: Any) -> list[TokenOut]:
    """The person's live tokens."""
    with widened("sign_in"):
        rows = ApiKey.objects.filter(user_id=request.actor.user_id, kind="token", revoked_at=None).order_by("pk")
        return [TokenOut(id=str(row.pk), label=row.label, created_at=row.created_at) for row in rows]


def make_token(request: Any, body: TokenIn) -> TokenOut:
    """A token that wears one of the person's hats."""
    actor: Actor = request.actor
    if body.hat and body.hat not in {str(one.id) for one in actor.hats}:
        raise HatNotHeld(fields=[FieldError("hat", "accounts.hat_not_held")])
    hat = body.hat or (str(actor.hat_id) if actor.hat_id else "")
    with widened("sign_in"):
        row, plain = keys.make(user_id=actor.user_id, kind="token", label=body.label, now=request.now, hat=hat)
        journal.record(actor, "make_token", ("api_key", row.pk), now=request.now)
    return TokenOut(id=str(row.pk), label=row.label, created_at=row.created_at, token=plain)


def revoke_token(request: Any, key_id: int) -> None:
    """End one of the person's tokens."""
    with widened("sign_in"):
        if not keys.revoke(key_id, user_id=request.actor.user_id, now=request.now):
            raise NotFound()
        journal.record(request.actor, "revoke_token", ("api_key", key_id), now=request.now)


def views_of(request: Any, page: str) -> ViewsOut:
    """The person's views of a page and his columns."""
    with widened("sign_in"):
        found, columns = views.of(request.actor.user_id, page)
        return ViewsOut(views=[ViewOut(id=str(one.pk), name=one.name, query=one.query) for one in found],
                        columns=columns)  # fmt: skip


def save_view(request: Any, body: ViewIn) -> ViewOut:
    """Save or replace one."""
    with widened("sign_in"):
        kept = views.keep(
            user_id=request.actor.user_id, page=body.page, name=body.name, query=body.query, now=request.now
        )
        return ViewOut(id=str(kept.pk), name=kept.name, query=kept.query)


def drop_view(request: Any, view_id: int) -> None:
    """Delete one of the person's own."""
    with widened("sign_in"):
        if not views.drop(view_id, user_id=request.actor.user_id):
            raise NotFound()


def choose_columns(request: Any, body: ColumnsIn) -> None:
    """Remember the columns of a page."""
    with widened("sign_in"):
        views.choose_columns(user_id=request.actor.user_id, page=body.page, columns=body.columns)


def _user(request: Any) -> User:
    return User.objects.get(pk=request.actor.user_id)


def _me(actor: Actor, *, totp: bool = False) -> Me:
    kind: Literal["staff", "resident", "anonymous"] = "anonymous"
    if actor.kind in ("staff", "resident"):
        kind = actor.kind
    return Me(
        kind=kind,
        name=actor.name,
        hats=[_hat(one, english=actor.lang == "en") for one in actor.hats],
        hat=str(actor.hat_id) if actor.hat_id is not None else None,
        csrf=csrf_of(actor.session) if actor.session else None,
        must_change=actor.must_change,
        totp=totp,
        person=actor.word if kind != "anonymous" else None,
    )


def _hat(hat: Hat, *, english: bool) -> HatOut:
    department = None
    if hat.department_id is not None:
        name = hat.department_name_en if english else hat.department_name
        department = Ref(id=str(hat.department_id), name=name)
    return HatOut(
        id=str(hat.id),
        position=hat.position,
        title=hat.title_en if english else hat.title_zh,
        place=hat.place_en if english else hat.place,
        scope_path=hat.scope_path,
        grid_id=str(hat.grid_id) if hat.grid_id is not None else None,
        department=department,
        faces=list(hat.faces),
        duties=sorted(hat.duties),
    )


def _path(request: Any) -> str:
    return f"{request.META.get('SCRIPT_NAME', '')}/"


def _set_cookies(request: Any, response: HttpResponse, opened: sessions.Opened) -> None:
    """The session's cookie is out of scripts' reach; the CSRF one is for them. Both only under this locality's path."""
    age = int(opened.keep.total_seconds())
    secure = bool(settings.SESSION_COOKIE_SECURE)
    path = _path(request)
    name = cookie_name(request.locality.name)
    response.set_cookie(name, opened.cookie, max_age=age, path=path, secure=secure, httponly=True, samesite="Lax")
    token = csrf_of(bytes(opened.row.digest))
    response.set_cookie("csrftoken", token, max_age=age, path=path, secure=secure, samesite="Lax")
