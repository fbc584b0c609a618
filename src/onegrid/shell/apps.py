"""Registers the shell with Django; on start it puts the handlers of wiring.py in place."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The top floor."""

    name = "onegrid.shell"
    label = "shell"

    def ready(self) -> None:
        """Connect the floors. The wiring imports models, which exist only now."""
        import_module("onegrid.shell.wiring").connect()
