"""Asking whether the actor may: signed in, staff, a duty. Everything finer is the modules' own table."""

from __future__ import annotations

from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden, NotSignedIn


def signed_in(actor: Actor) -> None:
    """Raise `NotSignedIn` for nobody in particular."""
    if actor.kind == "anonymous":
        raise NotSignedIn()


def staff(actor: Actor) -> None:
    """Raise unless somebody of the staff acts."""
    signed_in(actor)
    if actor.kind != "staff":
        raise Forbidden()


def duty(actor: Actor, *any_of: str) -> None:
    """Raise `Forbidden` unless the active hat has one of the duties."""
    staff(actor)
    if not actor.duties & set(any_of):
        raise Forbidden()
