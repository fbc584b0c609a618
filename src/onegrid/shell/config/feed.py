"""The ASGI door: what granian's one feed process serves."""

from __future__ import annotations

import os
import resource

import django
from django.conf import settings
from psycopg.conninfo import make_conninfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onegrid.shell.config.settings")
django.setup()

from onegrid.foundation.accounts.feed_door import FeedDoor  # noqa: E402  # models need the apps
from onegrid.foundation.journal.feed import Feed  # noqa: E402
from onegrid.foundation.journal.feed_hub import Hub  # noqa: E402
from onegrid.foundation.kernel.clock import read_clock  # noqa: E402
from onegrid.shell import wiring  # noqa: E402


def connection_string() -> str:
    """How the feed reaches the database: as Django does, as the app role."""
    entry = settings.DATABASES["default"]
    parts = {"host": entry["HOST"], "port": entry["PORT"], "dbname": entry["NAME"], "user": entry["USER"]}
    parts |= {"password": entry["PASSWORD"], "sslmode": entry["OPTIONS"].get("sslmode", "")}
    return make_conninfo(**{name: value for name, value in parts.items() if value}, application_name="onegrid-feed")


def open_files() -> None:
    """As many open pages as the machine allows: the usual soft limit is 1,024 files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


open_files()
application = Feed(
    Hub(connection_string(), FeedDoor(read_clock), origins=settings.CSRF_TRUSTED_ORIGINS, states=wiring.STATES)
)
