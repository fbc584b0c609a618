"""Case numbers people can say on the phone, and codes they can track a case by."""

from __future__ import annotations

import secrets
from datetime import date

from django.db import connection

TRACK_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L or U: codes are read aloud and typed."""
TRACK_LENGTH = 12

_BASE_OF_DAY = "SELECT base FROM cases_daynumber WHERE day = %s"
_BEGIN_DAY = "INSERT INTO cases_daynumber (day, base) VALUES (%s, nextval('cases_number')) ON CONFLICT (day) DO NOTHING"


def next_number(*, prefix: str, day: date) -> str:
    """The next number of `day`, such as `MH20261121-0001`. Gaps are allowed, repeats are not.

    One sequence serves all days and each day remembers where it began: counting in a row per day would make every
    report wait for the one before it to commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BASE_OF_DAY, [day])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_BEGIN_DAY, [day])
            cursor.execute(_BASE_OF_DAY, [day])
            row = cursor.fetchone()
        cursor.execute("SELECT nextval('cases_number')")
        value = cursor.fetchone()
    if row is None or value is None:
        raise RuntimeError("the database gave no case number")
    return f"{prefix}{day:%Y%m%d}-{value[0] - row[0]:04d}"


def track_code() -> str:
    """A code of 12 signs (about 58 bits) that lets its holder follow the case, and cannot be guessed."""
    return "".join(secrets.choice(TRACK_ALPHABET) for _ in range(TRACK_LENGTH))
