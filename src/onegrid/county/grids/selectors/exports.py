"""Grids as sheets of shapes for files other programs read: one sheet for each level."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.files.writing import Sheet
from onegrid.county.grids.selectors import outlines
from onegrid.county.grids.selectors.reading import GridInfo, subtree
from onegrid.foundation.kernel.errors import TooLarge

MOST: Final = 60_000
"""Grids in one file at most: more than the largest county has."""


def sheets(scope_path: str, *, level: str = "", lang: str = "zh-CN") -> list[Sheet]:
    """The grids in force below a path, top level first; only those of `level` (`<scheme>.<level>`) when told.

    Raises `TooLarge`.
    """
    scheme, _, key = level.rpartition(".")
    found = subtree(scope_path, level=key)
    if key:
        found = [one for one in found if one.scheme == scheme]
    if len(found) > MOST:
        raise TooLarge("features.errors.too_many")
    shapes = outlines.shapes([one.id for one in found])
    names = {one.id: one.code for one in found}
    levels: dict[tuple[str, str], list[GridInfo]] = {}
    for one in found:
        if one.id in shapes:
            levels.setdefault((one.scheme, one.level), []).append(one)
    return [
        Sheet("_".join(filter(None, at)), _column([shapes[one.id] for one in rows]), _about(rows, names, lang))
        for at, rows in levels.items()
    ]


def _column(values: list[object]) -> NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _about(rows: list[GridInfo], codes: dict[int, str], lang: str) -> dict[str, list[object]]:
    return {
        "id": [str(one.id) for one in rows],
        "code": [one.code for one in rows],
        "name": [one.name for one in rows],
        "scheme": [one.scheme for one in rows],
        "level": [one.level for one in rows],
        "level_title": [one.level_en if lang == "en" else one.level_zh for one in rows],
        "parent": [str(one.parent) if one.parent else None for one in rows],
        "parent_code": [codes.get(one.parent) if one.parent else None for one in rows],
        "households": [one.households for one in rows],
    }
