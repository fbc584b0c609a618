"""Taking photos in and giving them to their owner."""

from __future__ import annotations

from onegrid.foundation.files.services.photos import attach, take_in

__all__ = ["attach", "take_in"]
