"""Taking photos in and giving them to their owner."""

from __future__ import annotations

from onegrid.foundation.files.services.photos import attach, forget_loose, move, take_in
from onegrid.foundation.files.services.uploads import append, begin, finish, forget_parts, progress

__all__ = ["append", "attach", "begin", "finish", "forget_loose", "forget_parts", "move", "progress", "take_in"]
