"""What is kept out of the log."""

from __future__ import annotations

import logging


class NotHealth(logging.Filter):
    """Drops Django's line about a health answer that is not 200."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is kept."""
        request = getattr(record, "request", None)
        return getattr(request, "path_info", "") != "/healthz"
