"""How often somebody may try. Counted in the database, so all processes count together."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest

from onegrid.foundation.accounts.models import Attempt
from onegrid.foundation.accounts.secrets import keyed
from onegrid.foundation.kernel.errors import TooMany

KEEP = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most `times` in `window`."""

    times: int
    window: timedelta


def bucket(kind: str, who: str) -> bytes:
    """The name under which tries are counted; a keyed hash, so the table names nobody."""
    return keyed("attempts", f"{kind}:{who}")


def refuse_if_spent(name: bytes, limits: Sequence[Limit], now: datetime) -> None:
    """Raise `TooMany` with the time to wait when any of `limits` is used up."""
    for limit in limits:
        times = list(
            Attempt.objects.filter(bucket=name, at__gt=now - limit.window)
            .order_by("-at")
            .values_list("at", flat=True)[: limit.times]
        )
        if len(times) >= limit.times:
            wait = times[-1] + limit.window - now
            raise TooMany(retry_after=max(1, int(wait.total_seconds()) + 1))


def count(name: bytes, now: datetime) -> None:
    """Count one try."""
    Attempt.objects.create(bucket=name, at=now)


def forgive(name: bytes) -> None:
    """Take the newest try back: it was somebody who belongs here. Many of them share one network."""
    newest = Attempt.objects.filter(bucket=name).order_by("-at").values("pk")[:1]
    Attempt.objects.filter(pk__in=newest).delete()


def clear(name: bytes) -> None:
    """Forget the tries: he got in."""
    Attempt.objects.filter(bucket=name).delete()


def one_at_a_time(name: bytes) -> None:
    """Hold the bucket until the transaction ends, so that no try slips past the count; `TooMany` when another runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name[:8], "big", signed=True)])
        if not cursor.fetchone()[0]:
            raise TooMany(retry_after=1)


def tidy(now: datetime) -> None:
    """Delete what no limit looks at any more."""
    Attempt.objects.filter(at__lt=now - KEEP).delete()


def network_of(request: HttpRequest) -> str:
    """The caller's network: /24 of IPv4, /64 of IPv6. Behind a proxy on this machine, as the proxy tells it."""
    address = request.META.get("REMOTE_ADDR") or "unknown"
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        if forwarded and ipaddress.ip_address(address).is_loopback:
            address = forwarded
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False))
