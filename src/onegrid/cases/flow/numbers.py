"""Case numbers people can say on the phone, and codes they can track a case by."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from onegrid.foundation.database.write import Statement, read, write

TRACK_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L or U: codes are read aloud and typed."""
TRACK_LENGTH = 12

CLOCKS, ACTIONS = 2, 3
"""At most so many clocks and actions does a report begin with: told, handled and closed in one call."""

_DRAW = f"""
SELECT (SELECT base FROM cases_daynumber WHERE day = %s), EXISTS (SELECT 1 FROM cases_case WHERE id = %s),
    nextval('cases_number'),
    nextval('cases_casereporter_id_seq'),
    ARRAY[{", ".join(["nextval('cases_clock_id_seq')"] * CLOCKS)}],
    ARRAY[{", ".join(["nextval('journal_auditrow_id_seq')"] * ACTIONS)}]
"""  # noqa: S608
_BEGIN_DAY = "INSERT INTO cases_daynumber (day, base) VALUES (%s, nextval('cases_number')) ON CONFLICT (day) DO NOTHING"


@dataclass(frozen=True)
class Drawn:
    """The keys a report's rows will have, drawn in one question. What is not used leaves a gap."""

    number: str
    taken: bool
    """Whether there is a case with this key already."""
    reporter: int
    clocks: tuple[int, ...]
    audit: tuple[int, ...]


def question(day: date, case: UUID) -> Statement:
    """Asks for the numbers of a case of `day`; the answer's row is for `drawn`."""
    return _DRAW, [day, case]


def drawn(rows: Sequence[tuple[Any, ...]], *, prefix: str, day: date, case: UUID) -> Drawn:
    """The next number of `day`, such as `MH20261121-0001`, and keys. Gaps are allowed, repeats are not.

    One sequence serves all days and each day remembers where it began: counting in a row per day would make every
    report wait for the one before it to commit.
    """
    base, taken, value, reporter, clocks, audit = rows[0]
    if base is None:
        write([(_BEGIN_DAY, [day])])
        base, taken, value, *_ = read(_DRAW, [day, case])[0]
    return Drawn(f"{prefix}{day:%Y%m%d}-{value - base:04d}", taken, reporter, tuple(clocks), tuple(audit))


def track_code() -> str:
    """A code of 12 signs (about 58 bits) that lets its holder follow the case, and cannot be guessed."""
    return "".join(secrets.choice(TRACK_ALPHABET) for _ in range(TRACK_LENGTH))
