"""A person's own ways of looking at a list: saved filters and chosen columns. Nobody else sees or changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from onegrid.foundation.accounts.errors import ViewsFull
from onegrid.foundation.accounts.models import ChosenColumns, SavedView
from onegrid.foundation.kernel.errors import FieldError

MOST: Final = 40
"""Views of one person for one page; more is not found again."""


def of(user_id: int, page: str) -> tuple[list[SavedView], list[str] | None]:
    """The person's views of a page by age, and his columns; None when he never chose."""
    views = list(SavedView.objects.filter(user_id=user_id, page=page).order_by("pk"))
    chosen = ChosenColumns.objects.filter(user_id=user_id, page=page).first()
    return views, [str(one) for one in chosen.columns] if chosen else None


def keep(*, user_id: int, page: str, name: str, query: Mapping[str, str], now: datetime) -> SavedView:
    """Save a view; one of the same name is replaced. Raises `ViewsFull` when there are too many."""
    known = SavedView.objects.filter(user_id=user_id, page=page)
    if not known.filter(name=name).exists() and known.count() >= MOST:
        raise ViewsFull(fields=[FieldError("name", "accounts.views_full", {"most": MOST})], most=MOST)
    view, _ = SavedView.objects.update_or_create(
        user_id=user_id, page=page, name=name, defaults={"query": dict(query)}, create_defaults={
            "query": dict(query), "created_at": now,
        },
    )  # fmt: skip
    return view


def drop(view_id: int, *, user_id: int) -> bool:
    """Delete one of the person's views; False when it is not his or not there."""
    deleted, _ = SavedView.objects.filter(pk=view_id, user_id=user_id).delete()
    return deleted > 0


def choose_columns(*, user_id: int, page: str, columns: Sequence[str]) -> None:
    """Remember the columns of a page, in this order; none at all means the page's own again."""
    if columns:
        ChosenColumns.objects.update_or_create(user_id=user_id, page=page, defaults={"columns": list(columns)})
    else:
        ChosenColumns.objects.filter(user_id=user_id, page=page).delete()
