"""Who opens the live feed: the same cookie or token as the API, the same standing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest

from onegrid.foundation.accounts.middleware import identify, standing_of
from onegrid.foundation.database import localities
from onegrid.foundation.database.context import Standing, acting
from onegrid.foundation.kernel.errors import OneGridError


class FeedDoor:
    """Answers the feed's question in a thread of its own. `clock` says when a session has ended."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock

    async def __call__(self, locality: str, headers: Mapping[str, str]) -> Standing | None:
        """The standing of whoever sent these headers; None for nobody, and for hats that see no rows."""
        return await asyncio.to_thread(self._ask, locality, headers)

    def _ask(self, locality: str, headers: Mapping[str, str]) -> Standing | None:
        close_old_connections()
        try:
            found = localities.find(locality) if locality else localities.by_host(headers.get("host", ""))
            if found is None:
                return None
            request: Any = HttpRequest()
            request.method = "GET"
            request.META = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
            request.locality, request.now, request.lang, request.request_id = found, self.clock(), "zh-CN", ""
            request.path_info = "/feed"
            with acting(Standing(found.name, "")):
                actor = identify(request)
            return standing_of(found.name, actor)
        except (OneGridError, DatabaseError):
            return None
        finally:
            close_old_connections()
