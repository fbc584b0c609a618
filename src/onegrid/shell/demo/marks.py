"""How the demonstration knows its own cases and steps again, so that life leaves people's work alone."""

from __future__ import annotations

from uuid import UUID

import numpy as np

_TAIL = b"\x0d\xe3\x00"
"""The last three bytes of every id made here; one in sixteen million others ends like this by chance."""
_LIFE = "life-"


def case_key(rng: np.random.Generator) -> UUID:
    """An id for a case of the demonstration."""
    return UUID(bytes=rng.bytes(13) + _TAIL, version=4)


def block_key(seed: int, block: int) -> UUID:
    """The id of the first case of a block of the past: when it is there, the whole block is."""
    return UUID(bytes=np.random.default_rng([seed, 11, block]).bytes(13) + _TAIL, version=4)


def made_here(case: UUID) -> bool:
    """Whether a case was made by the demonstration."""
    return case.bytes.endswith(_TAIL)


def step_key(rng: np.random.Generator) -> str:
    """A key for one step of life."""
    return f"{_LIFE}{rng.bytes(10).hex()}"


def our_key(key: str) -> bool:
    """Whether a step was taken by the demonstration: by life, or when the case was told."""
    head = key.split("#", maxsplit=1)[0]
    return head.startswith(_LIFE) or head[:36].endswith(_TAIL.hex())
