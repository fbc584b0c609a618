"""The register's buildings as addresses for everybody: what stands where is not personal, who lives in it is."""

from __future__ import annotations

from typing import Final

from onegrid.county.grids.selectors import Address
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import read

_NEWEST: Final = "SELECT coalesce(max(id), 0) FROM registers_building"
_SINCE: Final = "SELECT name, lon, lat, scope_path FROM registers_building WHERE id > %s AND name <> '' ORDER BY id"


class Buildings:
    """Every building of the locality, whoever asks."""

    def newest(self) -> int:
        """The key of the newest one, 0 for none."""
        with widened("locate"):
            return int(read(_NEWEST, [])[0][0])

    def since(self, key: int) -> list[Address]:
        """Those with a higher key, first made first."""
        with widened("locate"):
            return [Address(*row) for row in read(_SINCE, [key])]
