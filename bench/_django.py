"""Import this before any model: Django, set up on the database that `onegrid bench` gives."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onegrid.shell.config.settings")
django.setup()
READY = True
