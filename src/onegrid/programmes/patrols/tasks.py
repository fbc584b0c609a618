"""What the clock wakes on duty."""

from __future__ import annotations

from datetime import datetime

from onegrid.foundation.database.context import in_locality
from onegrid.programmes.patrols import handing, services


def close_forgotten(locality: str, now: datetime) -> int:
    """Every few minutes: spells nobody signed out of; how many were ended."""
    with in_locality(locality, "duty"):
        return services.close_forgotten(now)


def forget_tracks(locality: str, now: datetime) -> int:
    """Every hour: the points of tracks older than the pack keeps them, and rounds a month after their day; how many."""
    with in_locality(locality, "duty"):
        return services.forget_tracks(now) + handing.forget(now)
