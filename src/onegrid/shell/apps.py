"""Registers the shell with Django; on start it puts the handlers of wiring.py in place."""

from __future__ import annotations

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The top floor."""

    name = "onegrid.shell"
    label = "shell"
