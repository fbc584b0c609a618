"""Which column of a file is which of ours."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from onegrid.county.registers.rules.kinds import Kind


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where each of our columns stands in a file: column key to place from 0.

    `unknown` are titles of the file nothing is taken from; `missing` are groups of columns of which one is needed and
    none is there: with any of them nothing can be imported.
    """

    kind: Kind
    places: ReadOnly[str, int]
    unknown: tuple[str, ...] = ()
    missing: tuple[tuple[str, ...], ...] = ()
