"""Registers the messages with Django."""

from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """Outgoing messages."""

    name = "onegrid.foundation.messages"
    label = "messages"
