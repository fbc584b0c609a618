"""``GET /healthz``: is every part up, and if not, which is not."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from onegrid.county.grids.models import WorkDay
from onegrid.foundation.database import localities
from onegrid.foundation.database.bootstrap import pending_migrations, role_faults
from onegrid.foundation.database.context import in_locality
from onegrid.shell.config.environment import heartbeat_path

LEAST_DISK: Final = 200 * 1024 * 1024
STALE_AFTER: Final = 30.0
"""Seconds without a heartbeat after which the jobs count as stopped."""


class NotUp(Exception):
    """A part is not up; the message says what is wrong."""


@require_safe
def view(request: HttpRequest) -> JsonResponse:
    """200 with every part ``ok``, or 503 naming what is not up."""
    parts = {name: _ask(check) for name, check in PARTS.items()}
    good = all(state == "ok" for state in parts.values())
    response = JsonResponse({"status": "ok" if good else "failing", "parts": parts}, status=200 if good else 503)
    response["Cache-Control"] = "no-store"
    return response


def _ask(check: Callable[[], None]) -> str:
    try:
        check()
    except NotUp as error:
        return str(error)
    except Exception as error:  # whatever a part throws, the answer must name the part instead of failing itself
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".strip(": ")
    return "ok"


def database() -> None:
    """A SELECT is answered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


_migrated: dict[str, float] = {}


def migrations() -> None:
    """Every locality has had every migration. A yes is remembered: code does not change while it runs."""
    known = localities.all_localities()
    if not known:
        raise NotUp("no locality is set up; run: onegrid demo, or onegrid migrate --locality NAME")
    for locality in known:
        if locality.name not in _migrated:
            pending = pending_migrations(locality.name)
            if pending:
                raise NotUp(f"{locality.name}: {len(pending)} pending, first {pending[0]}; run: onegrid migrate")
            _migrated[locality.name] = time.monotonic()


def roles() -> None:
    """The serving role owns nothing and row-level security binds it."""
    faults = role_faults()
    if faults:
        raise NotUp("; ".join(faults))


def jobs() -> None:
    """The worker process has gone round within the last seconds."""
    path = heartbeat_path(Path(settings.ONEGRID_DATA))
    try:
        age = time.time() - path.stat().st_mtime
        beat = json.loads(path.read_text() or "{}")
    except (OSError, ValueError) as error:
        raise NotUp("no heartbeat; is the worker process running?") from error
    if age > STALE_AFTER:
        raise NotUp(f"last heartbeat {age:.0f} s ago")
    failing = sorted(name for name, state in beat.get("jobs", {}).items() if state.get("failures", 0) >= 3)
    if failing:
        raise NotUp(f"failing again and again: {', '.join(failing)}")


def feed() -> None:
    """The live feed's process answers."""
    url = os.environ.get("ONEGRID_FEED_HEALTH") or f"http://127.0.0.1:{settings.ONEGRID_PORT + 1}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=2, context=_trusting()) as answer:  # noqa: S310
            answer.read(64)
    except OSError as error:
        raise NotUp(f"no answer from the feed on {url.split('/')[2]}: {error}") from error


def _trusting() -> ssl.SSLContext | None:
    """With a certificate of our own, the feed's is the same one."""
    return ssl.create_default_context(cafile=settings.ONEGRID_AUTHORITY) if settings.ONEGRID_AUTHORITY else None


def calendar() -> None:
    """The work calendar covers this year; without it no working-time limit can be computed."""
    year = timezone.now().year
    for locality in localities.all_localities():
        with in_locality(locality.name, "health"):
            if not WorkDay.objects.filter(date__year=year).exists():
                raise NotUp(f"{locality.name}: no work calendar for {year}")


def disk() -> None:
    """There is room for photos and for the database."""
    free = shutil.disk_usage(settings.ONEGRID_DATA).free
    if free < LEAST_DISK:
        raise NotUp(f"only {free // 1_000_000} MB free in {settings.ONEGRID_DATA}")


PARTS: Final[dict[str, Callable[[], None]]] = {
    "database": database,
    "migrations": migrations,
    "roles": roles,
    "jobs": jobs,
    "feed": feed,
    "calendar": calendar,
    "disk": disk,
}
