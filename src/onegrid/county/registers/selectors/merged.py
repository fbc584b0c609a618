"""Under which numbers somebody was entered before the entries were made one."""

from __future__ import annotations

import json
from collections.abc import Collection

from onegrid.county.registers.models import Change


def entered_as(residents: Collection[int]) -> set[int]:
    """These residents and every entry that was merged into one of them and not taken apart again.

    One statement for each generation of merges. What a merge said is forgotten by the pack's rule; the other entry's
    own changes go before it. The caller widens the scope.
    """
    known, new = set(residents), set(residents)
    while new:
        told = Change.objects.filter(kind="residents", row__in=new, action="merged").exclude(state="undone")
        gone = {int(json.loads(row.before)["_gone"]["id"]) for row in told if row.before}
        new = gone - known
        known |= gone
    return known
