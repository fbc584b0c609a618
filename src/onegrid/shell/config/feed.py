"""The ASGI door: what granian's one feed process serves."""

from __future__ import annotations

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onegrid.shell.config.settings")
django.setup()

# Models can be imported only now.
application = import_module("onegrid.foundation.journal.feed").application
