"""What can go wrong with the engine; every message says what to do."""

from __future__ import annotations


class EngineError(Exception):
    """The engine cannot be used. The message names the reason and a fix."""


class EngineBusy(EngineError):
    """Another supervisor already runs this data folder."""
