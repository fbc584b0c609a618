"""Taking photos in and giving them to their owner."""

from __future__ import annotations

from onegrid.foundation.files.services.photos import attach, forget_loose, move, take_in

__all__ = ["attach", "forget_loose", "move", "take_in"]
