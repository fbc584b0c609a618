"""Reading accounts. What leaves is masked unless the name of the function says otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from onegrid.foundation.accounts.models import Resident, User
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.masking import mask_phone


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Display names of staff."""
    with widened("reference"):
        return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "display_name"))


def resident_phone_unmasked(resident: UUID) -> str | None:
    """A resident's phone for sending him a message or for a logged reveal; never for a list."""
    with widened("notify"):
        row = Resident.objects.filter(pk=resident).first()
        return row.phone if row else None


def resident_phone(resident: UUID) -> str | None:
    """A resident's phone, masked."""
    plain = resident_phone_unmasked(resident)
    return mask_phone(plain) if plain else None
