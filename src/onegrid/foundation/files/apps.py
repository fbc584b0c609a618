"""Registers the files with Django."""

from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Photos."""

    name = "onegrid.foundation.files"
    label = "files"
