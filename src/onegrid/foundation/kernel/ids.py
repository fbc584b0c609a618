"""Identifiers: time-ordered UUIDs and random tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

RandomBytes = Callable[[int], bytes]


def uuid7(now: datetime, random_bytes: RandomBytes = secrets.token_bytes) -> UUID:
    """A version-7 UUID (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits.

    `now` is an aware time. Ids made later sort later, so indexes grow at one end.
    """
    milliseconds = int(now.timestamp() * 1000)
    noise = int.from_bytes(random_bytes(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= ((noise >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= noise & (2**62 - 1)
    return UUID(int=value)


def token(size: int = 24, random_bytes: RandomBytes = secrets.token_bytes) -> str:
    """An unguessable URL-safe token of `size` random bytes, in hexadecimal."""
    return random_bytes(size).hex()


DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int) -> str:
    """A whole number ≥ 0 in base 36, lower case (segments of a scope path)."""
    if number < 0:
        raise ValueError("base36 takes whole numbers from zero up")
    if number == 0:
        return "0"
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = DIGITS[rest] + out
    return out
