"""Reading accounts. What leaves is masked unless the name of the function says otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from onegrid.foundation.accounts.models import Resident, User
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.masking import mask_phone


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Display names of staff."""
    with widened("reference"):
        return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "display_name"))


@dataclass(frozen=True)
class Contact:
    """Name and number of somebody of the staff, unmasked; no number is empty."""

    name: str
    phone: str


def contacts_of(user_ids: Iterable[int]) -> dict[int, Contact]:
    """Staff with their numbers as they are: mask them, or put the look on record."""
    with widened("reference"):
        rows = User.objects.filter(pk__in=set(user_ids)).only("display_name", "phone")
        return {row.pk: Contact(row.display_name, row.phone or "") for row in rows}


def resident_phone_unmasked(resident: UUID) -> str | None:
    """A resident's phone for sending him a message or for a logged reveal; never for a list."""
    with widened("notify"):
        row = Resident.objects.filter(pk=resident).first()
        return row.phone if row else None


def resident_phone(resident: UUID) -> str | None:
    """A resident's phone, masked."""
    plain = resident_phone_unmasked(resident)
    return mask_phone(plain) if plain else None
