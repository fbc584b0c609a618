"""Sign-in over HTTP, for staff and residents."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router, Status

from onegrid.foundation.accounts import permissions, signing
from onegrid.foundation.accounts.schemas import (
    CodeIn,
    CodeSent,
    ColumnsIn,
    Drawer,
    Me,
    PasswordIn,
    PhoneIn,
    PhoneSignIn,
    ProofIn,
    SignIn,
    TokenIn,
    TokenOut,
    TotpOut,
    ViewIn,
    ViewOut,
    ViewsOut,
    WearIn,
)
from onegrid.foundation.messages import selectors as messages

router = Router(tags=["accounts"])


@router.post("/session", response=Me, operation_id="sign_in", summary="Sign in with name and password")
def sign_in(request: Any, body: SignIn, response: HttpResponse) -> Me:
    """Opens a session; the cookie is HttpOnly. 401 `sign_in_refused` whatever was wrong, 401 `second_factor_needed`."""
    return signing.staff(request, response, body)


@router.delete("/session", response={204: None}, operation_id="sign_out", summary="Sign out")
def sign_out(request: Any, response: HttpResponse) -> Status[Any]:
    """Ends this browser's session. Repeating it changes nothing."""
    signing.leave(request, response)
    return Status(204, None)


@router.get("/me", response=Me, operation_id="get_me", summary="Who is signed in")
def get_me(request: Any) -> Me:
    """Also for nobody: kind `anonymous`."""
    return signing.me(request)


@router.post("/me/hat", response=Me, operation_id="wear_hat", summary="Change hats")
def wear_hat(request: Any, body: WearIn) -> Me:
    """From the next request on this browser acts under that appointment."""
    permissions.staff(request.actor)
    return signing.wear(request, body.hat)


@router.post("/me/password", response={204: None}, operation_id="change_password", summary="Change the password")
def change_password(request: Any, body: PasswordIn) -> Status[Any]:
    """Signs out every other browser."""
    permissions.staff(request.actor)
    signing.change_password(request, body)
    return Status(204, None)


@router.post("/me/totp", response=TotpOut, operation_id="begin_totp", summary="Begin a second factor")
def begin_totp(request: Any, body: ProofIn) -> TotpOut:
    """A new secret; it counts once confirmed with a code."""
    permissions.staff(request.actor)
    return signing.begin_totp(request, body.password)


@router.post("/me/totp/confirm", response={204: None}, operation_id="confirm_totp", summary="Confirm the second factor")
def confirm_totp(request: Any, body: CodeIn) -> Status[Any]:
    """From now on sign-in asks for a code."""
    permissions.staff(request.actor)
    signing.confirm_totp(request, body.code)
    return Status(204, None)


@router.post("/me/totp/drop", response={204: None}, operation_id="drop_totp", summary="Drop the second factor")
def drop_totp(request: Any, body: ProofIn) -> Status[Any]:
    """Asks for the password again."""
    permissions.staff(request.actor)
    signing.drop_totp(request, body.password)
    return Status(204, None)


@router.get("/me/tokens", response=list[TokenOut], operation_id="list_tokens", summary="My tokens")
def list_tokens(request: Any) -> list[TokenOut]:
    """Live tokens, without their secrets."""
    permissions.staff(request.actor)
    return signing.tokens(request)


@router.post("/me/tokens", response={201: TokenOut}, operation_id="make_token", summary="Make a token")
def make_token(request: Any, body: TokenIn) -> Status[Any]:
    """A bearer token for programs; shown this once."""
    permissions.staff(request.actor)
    return Status(201, signing.make_token(request, body))


@router.delete("/me/tokens/{id}", response={204: None}, operation_id="revoke_token", summary="End a token")
def revoke_token(request: Any, id: int) -> Status[Any]:
    """404 when it is not one of mine, or ended already."""
    permissions.staff(request.actor)
    signing.revoke_token(request, id)
    return Status(204, None)


@router.get("/me/views", response=ViewsOut, operation_id="list_views", summary="My views of a list")
def list_views(
    request: Any,
    page: str = Query(..., max_length=30),
) -> ViewsOut:
    """Saved filters and chosen columns; each person has his own."""
    permissions.staff(request.actor)
    return signing.views_of(request, page)


@router.post("/me/views", response=ViewOut, operation_id="save_view", summary="Save a view")
def save_view(request: Any, body: ViewIn) -> ViewOut:
    """One of the same name is replaced."""
    permissions.staff(request.actor)
    return signing.save_view(request, body)


@router.delete("/me/views/{int:id}", response={204: None}, operation_id="drop_view", summary="Delete a view")
def drop_view(request: Any, id: int) -> Status[Any]:
    """404 when it is not one of mine."""
    permissions.staff(request.actor)
    signing.drop_view(request, id)
    return Status(204, None)


@router.post("/me/views/columns", response={204: None}, operation_id="choose_columns", summary="Choose columns")
def choose_columns(request: Any, body: ColumnsIn) -> Status[Any]:
    """Remembered for this person on every machine; an empty list goes back to the page's own."""
    permissions.staff(request.actor)
    signing.choose_columns(request, body)
    return Status(204, None)


@router.post("/resident/code", response=CodeSent, operation_id="send_code", summary="Send a code to a phone")
def send_code(request: Any, body: PhoneIn) -> CodeSent:
    """The same answer for every mobile number. 429 when asked too often."""
    return signing.send_code(request, body.phone)


@router.post("/resident/session", response=Me, operation_id="resident_sign_in", summary="Sign in with a code")
def resident_sign_in(request: Any, body: PhoneSignIn, response: HttpResponse) -> Me:
    """401 `sign_in_refused` for a wrong, used or expired code alike."""
    return signing.resident(request, response, body)


@router.get("/resident/drawer", response=Drawer, operation_id="open_drawer", summary="The demo's phone drawer")
def open_drawer(
    request: Any,
    token: str = Query(..., min_length=16, max_length=80),
) -> Drawer:
    """What the demo would have sent to the phone; 404 where messages are really sent."""
    return Drawer.model_validate({"messages": messages.drawer(token, request.now, demo=bool(settings.ONEGRID_DEMO))})
