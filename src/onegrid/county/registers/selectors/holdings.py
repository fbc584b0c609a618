"""Who owns or rents a dwelling, where a resident works, and which of it was only written down today."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from onegrid.county.matters.selectors import current_pack
from onegrid.county.registers.models import Change, Employment, Tenure
from onegrid.county.registers.rules.kinds import Kind

MOST: Final = 50
Tie = Literal["tenures", "employments"]
"""What ties somebody to a place; the name under which changes speak of it."""
KIND_OF: Final[dict[Tie, Kind]] = {"tenures": "dwellings", "employments": "residents"}
"""The row in whose history a tie stands."""


def tenures(dwelling: int) -> list[Tenure]:
    """Who owns or rents a dwelling or did, the latest first. One statement."""
    found = Tenure.objects.filter(dwelling=dwelling).select_related("resident")
    return list(found.order_by("-since", "-pk")[:MOST])


def employments(resident: int) -> list[Employment]:
    """Where a resident works or did, of the organisations in reach, the latest first. One statement."""
    found = Employment.objects.filter(resident=resident).select_related("organisation")
    return list(found.order_by("-since", "-pk")[:MOST])


def made_today(tie: Tie, rows: Sequence[int], now: datetime) -> frozenset[int]:
    """Numbers of the ties of these rows that were written down today, where the locality is. One statement."""
    zone = ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"])
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    found = Change.objects.filter(kind=KIND_OF[tie], row__in=rows, action="changed", at__gte=midnight)
    said = [(one.before, one.after) for one in found.filter(fields__contains=[tie]).only("id", "before", "after")]
    told = [json.loads(str(after)).get(tie) for before, after in said if after is not None and str(before) == "{}"]
    return frozenset(int(one["id"]) for one in told if one)
