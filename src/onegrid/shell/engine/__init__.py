"""The embedded PostgreSQL and its supervisor. Start here: ``supervisor.py``."""

from __future__ import annotations

from onegrid.shell.engine.errors import EngineBusy, EngineError
from onegrid.shell.engine.supervisor import Engine

__all__ = ["Engine", "EngineBusy", "EngineError"]
