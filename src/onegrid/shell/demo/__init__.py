"""The synthetic locality: land, people, cases and life for any pack at any scale, from one seed."""

from __future__ import annotations

from onegrid.shell.demo.planting import WasDrawnOtherwise
from onegrid.shell.demo.seeding import DemoAccount, DemoResult, seed

__all__ = ["DemoAccount", "DemoResult", "WasDrawnOtherwise", "seed"]
