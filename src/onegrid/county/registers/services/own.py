"""A resident's own data: tying an account to the register, and asking for correction, deletion or an account of a look.

Who asks is known by his phone (he signed in with a code sent to it) and proves himself by the last four of his ID
number. Phones are given to other people: a link nobody used for as long as the pack says is no link any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from onegrid.county.grids.selectors import reading as grids
from onegrid.county.matters.selectors import current_pack
from onegrid.county.registers.errors import NotFoundHere, NotLinked
from onegrid.county.registers.models import Account, Request, Resident
from onegrid.county.registers.selectors import choices, own
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.accounts.services import limits
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.fields import blind
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import FieldError, Forbidden, Invalid, KeyReused, NotFound, NotSignedIn
from onegrid.foundation.kernel.masking import normalise
from onegrid.foundation.kernel.texts import text

TRIES: Final = (limits.Limit(5, timedelta(days=1)),)
TAIL: Final = 4
KINDS: Final = ("correct", "erase", "question")


@dataclass(frozen=True)
class Asked:
    """A request as a case is made of it: the key, words for whoever settles it, the grid, days it must be closed in."""

    key: UUID
    words: str
    grid: str
    days: int


@dataclass(frozen=True)
class Opened:
    """The case that answers it."""

    case: UUID
    number: str
    track_code: str


Opener = Callable[[Actor, Asked, datetime], Opened]


class _Door:
    """Where cases are opened. Registers know no cases; the shell hands the function in at start."""

    def __init__(self) -> None:
        self.open: Opener | None = None


_door = _Door()


def use(opener: Opener) -> None:
    """Open cases with `opener`."""
    _door.open = opener


def account_of(actor: Actor) -> UUID:
    """The signed-in resident's account. Raises `NotSignedIn`, or `Forbidden` for anybody else."""
    if actor.kind == "anonymous":
        raise NotSignedIn()
    if actor.kind != "resident" or actor.resident_id is None:
        raise Forbidden()
    return actor.resident_id


def link(actor: Actor, tail: str, *, now: datetime) -> None:
    """Tie the account to the one person with its phone and these last four of the ID number.

    Raises `NotFoundHere` for nobody or not surely one, and `TooMany`. The try is counted and the caller commits it even
    when refused. Repeating it changes nothing.
    """
    account = account_of(actor)
    with widened("own_data"):
        mine = limits.bucket("own-data", str(account))
        limits.one_at_a_time(mine)
        limits.refuse_if_spent(mine, TRIES, now)
        limits.count(mine, now)
        phone = accounts.resident_phone_unmasked(account)
        given = normalise(tail)
        found = _matching(phone, given) if phone and len(given) == TAIL else []
        if len(found) != 1:
            raise NotFoundHere()
        limits.clear(mine)
        person = found[0]
        Account.objects.update_or_create(
            account=account, defaults={"resident": person, "linked_at": now, "seen_at": now}
        )
        journal.record(actor, "own.link", ("resident", person.pk), now=now, scope_path=person.scope_path)


def _matching(phone: str, tail: str) -> list[Resident]:
    """Everybody alive and here with this phone whose ID number ends so; compared in constant time."""
    known = Resident.objects.filter(phone_index=blind(Resident, "phone_index", phone), left_on=None, died_on=None)
    return [
        person
        for person in known.order_by("pk")[:20]
        if person.id_number and compare_digest(normalise(person.id_number)[-TAIL:].encode(), tail.encode())
    ]


def unlink(actor: Actor, *, now: datetime) -> None:
    """End the link. Repeating it changes nothing."""
    account = account_of(actor)
    with widened("own_data"):
        found = Account.objects.filter(account=account).select_related("resident").first()
        if found is not None:
            person = found.resident
            found.delete()
            journal.record(actor, "own.unlink", ("resident", person.pk), now=now, scope_path=person.scope_path)


def page(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """The resident's own page; opening it keeps the link alive, written once a day."""
    account = account_of(actor)
    with widened("own_data"):
        found = own.page(account, lang=actor.lang, now=now)
        if found["linked"]:
            Account.objects.filter(account=account, seen_at__lt=now - timedelta(days=1)).update(seen_at=now)
        return found


def looks(actor: Actor, *, before: int | None, now: datetime) -> tuple[list[own.Look], int | None]:
    """Who looked, newest first, and where to go on. Raises `NotLinked`."""
    account = account_of(actor)
    with widened("own_data"):
        person = own.linked(account, now)
        if person is None:
            raise NotLinked()
        return own.looks_at(person.pk, account, lang=actor.lang, before=before)


def ask(
    actor: Actor, *, key: UUID, kind: str, field: str, look: int | None, words: str, now: datetime
) -> tuple[Request, bool]:
    """Open a case for a request about one's own data; whether it is new. A repeat of the key gives the first answer.

    A question names a look at oneself and goes to the top of the locality, past those who may have looked. Raises
    `NotLinked`, `Invalid`, `NotFound` for a look at somebody else, `KeyReused`.
    """
    account = account_of(actor)
    with widened("own_data"):
        known = Request.objects.filter(pk=key).first()
        if known is not None:
            if (known.account, known.kind, known.field, known.look) != (account, kind, field, look):
                raise KeyReused()
            return known, False
        person = own.linked(account, now)
        if person is None:
            raise NotLinked()
        _check(person.pk, kind, field, look, words)
        days = choices.part().answer_days
        day = now.astimezone(ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"])).date()
        due = day + timedelta(days=days)
        grid = grids.root().id if kind == "question" else person.household.grid_id
        said = _words(kind, field, words, due.isoformat())
    opened = _open()(actor, Asked(key, said, str(grid), days), now)
    with widened("own_data"):
        made = Request.objects.create(
            id=key, account=account, resident=person.pk, kind=kind, field=field, look=look, case=opened.case,
            number=opened.number, track_code=opened.track_code, asked_at=now, due_on=due,
        )  # fmt: skip
        journal.record(
            actor, f"own.{kind}", ("resident", person.pk), now=now, scope_path=person.scope_path,
            detail={"case": opened.number, "field": field, "look": look},
        )  # fmt: skip
    return made, True


def _check(person: int, kind: str, field: str, look: int | None, words: str) -> None:
    if kind not in KINDS:
        raise Invalid(fields=[FieldError("kind", "register_access.errors.request_kind")])
    if kind == "correct" and field not in (*own.FIELDS, *own.PARTS):
        raise Invalid(fields=[FieldError("field", "register_access.errors.request_field")])
    if kind != "erase" and len(words.strip()) < 2:
        raise Invalid(fields=[FieldError("words", "register_access.errors.request_words")])
    if kind == "question" and (look is None or not own.is_look_at(person, look)):
        raise NotFound()


def _words(kind: str, field: str, words: str, due: str) -> str:
    """What the case says: what is asked, until when, and the resident's words."""
    what = own.title_of(field, "zh-CN") if kind == "correct" else ""
    first = text(f"register_access.request.{kind}", "zh-CN", what=what)
    return "\n".join([first, text("register_access.request.due", "zh-CN", due=due), words.strip()]).strip()


def _open() -> Opener:
    if _door.open is None:
        raise RuntimeError("nobody opens cases: shell.wiring.connect was not called")
    return _door.open
