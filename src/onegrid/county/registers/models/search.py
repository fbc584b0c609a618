"""The index of search terms, beside the rows they lead to."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from onegrid.foundation.database.fields import Terms


class SearchTerms(models.Model):
    """A row's search terms (`rules.terms`), by the number of its kind and its key.

    No text, no place, no policy: a hit is only ever a key to look up among the rows themselves, where row-level
    security decides. See docs/adr/0020.
    """

    pk = models.CompositePrimaryKey("kind", "key")
    kind = models.PositiveSmallIntegerField()
    key = models.BigIntegerField()
    terms = Terms()

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="register_search", fastupdate=False)]
