"""Registers the journal with Django."""

from __future__ import annotations

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Audit, outbox, tallies, feed."""

    name = "onegrid.foundation.journal"
    label = "journal"
