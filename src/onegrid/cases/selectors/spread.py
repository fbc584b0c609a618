"""Where open cases lie, for whoever draws grids: points and paths, no word of any case."""

from __future__ import annotations

import numpy as np

from onegrid.cases.models import Case
from onegrid.cases.selectors.queue import OVER
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.surroundings import OpenCases


def open_cases(path: str) -> OpenCases:
    """Cases of a subtree that are not over, as the caller's own scope lets him see them."""
    rows = list(
        Case.objects.filter(waits_on__gt="", scope_path__gte=path, scope_path__lt=upper_bound(path))
        .exclude(status__in=OVER)
        .order_by("pk")
        .values_list("lon", "lat", "scope_path")
    )
    lon, lat = (np.array([np.nan if row[at] is None else row[at] for row in rows], dtype=float) for at in (0, 1))
    return OpenCases(lon, lat, [row[2] for row in rows])
