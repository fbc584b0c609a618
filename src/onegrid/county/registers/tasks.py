"""What the registers do in the background: deleting what was kept long enough."""

from __future__ import annotations

from datetime import datetime

from onegrid.county.registers.services import retention
from onegrid.foundation.database.context import in_locality


def purge(locality: str, now: datetime) -> int:
    """Every few hours: everything kept as long as the pack says goes, block by block; how much it was."""
    done = 0
    for key in retention.PURGES:
        while True:
            with in_locality(locality, "retention"):
                block = retention.purge(key, now=now)
            done += block
            if not block:
                break
    return done
