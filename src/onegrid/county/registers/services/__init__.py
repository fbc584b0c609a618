"""Everything that changes the registers, and every look at what is personal in them."""

from __future__ import annotations

from onegrid.county.registers.services.following import TOPIC, follow

__all__ = ["TOPIC", "follow"]
