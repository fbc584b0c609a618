"""What the account operations take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints


class In(Schema):
    """Bodies: unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Titled(Schema):
    """Words in both languages."""

    zh: str
    en: str


class Ref(Schema):
    """A thing by id and name."""

    id: str
    name: str


class HatOut(Schema):
    """One of the person's appointments."""

    id: str
    position: str
    title: str
    place: str
    scope_path: str
    grid_id: str | None
    department: Ref | None
    faces: list[str]
    duties: list[str]


class Me(Schema):
    """Who is signed in on this browser."""

    kind: Literal["staff", "resident", "anonymous"]
    name: str
    hats: list[HatOut]
    hat: str | None
    csrf: str | None
    must_change: bool = False
    totp: bool = False
    person: str | None = Field(None, description="The same word for the same person, whatever he is called or wears.")


class SignIn(In):
    """Name and password, and the one-time code when asked for it."""

    username: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=200)
    totp: str | None = Field(None, max_length=10)


class WearIn(In):
    """The hat to wear from now on."""

    hat: str = Field(max_length=40)


class PasswordIn(In):
    """Old and new password."""

    old: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=1, max_length=200)


class TotpOut(Schema):
    """The secret to put into an authenticator app, and the same as an address for a QR code."""

    secret: str
    uri: str


class CodeIn(In):
    """A one-time code."""

    code: str = Field(min_length=1, max_length=10)


class ProofIn(In):
    """The password again, before something weighty."""

    password: str = Field(min_length=1, max_length=200)


class TokenIn(In):
    """What the token is for, in the person's words, and which hat it wears."""

    label: str = Field(min_length=1, max_length=80)
    hat: str | None = Field(None, max_length=40)


class TokenOut(Schema):
    """One token; `token` itself only in the answer that made it."""

    id: str
    label: str
    created_at: datetime
    token: str | None = None


class PhoneIn(In):
    """A mobile number."""

    phone: str = Field(min_length=3, max_length=30)


class CodeSent(Schema):
    """The code is on its way; `drawer` opens the demo's phone drawer and is null elsewhere."""

    sent: Literal[True] = True
    drawer: str | None = None


class PhoneSignIn(In):
    """Phone and the code that was sent to it."""

    phone: str = Field(min_length=3, max_length=30)
    code: str = Field(min_length=1, max_length=10)


class DrawerMessageOut(Schema):
    """A message the demo did not send."""

    at: datetime
    to_masked: str
    text: str


class Drawer(Schema):
    """The demo's phone drawer."""

    messages: list[DrawerMessageOut]


PageName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]
ShortName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]


class ViewIn(In):
    """A list as it is narrowed now, and what to call it."""

    page: PageName
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    query: dict[ShortName, Annotated[str, StringConstraints(max_length=200)]] = Field(
        max_length=24, description="The address's filters: name to value."
    )


class ViewOut(Schema):
    """One saved view."""

    id: str
    name: str
    query: dict[str, str]


class ViewsOut(Schema):
    """A person's views of a page, and his columns; null when he never chose."""

    views: list[ViewOut]
    columns: list[str] | None


class ColumnsIn(In):
    """The columns of a page in their order; none for the page's own."""

    page: PageName
    columns: list[ShortName] = Field(max_length=30)
