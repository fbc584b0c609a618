"""One file with everything in it: which features are the ones that are wanted.

An extract of OSM often holds buildings, streets, rivers and land use together, in one layer with a column for each tag.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.reading import Layer, Want

_TAGS: Final[dict[Want, tuple[str, ...]]] = {
    "buildings": ("building",),
    "roads": ("highway",),
    "water": ("waterway", "natural", "water"),
    "boundary": ("boundary", "admin_level", "place"),
}
_OTHER: Final = ("landuse", "railway", "barrier", "power", "leisure", "aeroway", "route")


def foreign(layer: Layer, want: Want) -> NDArray[np.bool_]:
    """Which features are something else: they lack the tag that the others have, and carry one of another thing.

    A file without such tags holds what its name says; a feature with households is a building whatever it lacks.
    """
    count = len(layer)
    nothing = np.zeros(count, dtype=bool)
    if want not in _TAGS:
        return nothing
    own = _said(layer, _TAGS[want])
    others = [name for key, names in _TAGS.items() if key != want for name in names]
    other = _said(layer, (*others, *_OTHER))
    if not own.any():
        # Not one feature has the tag: only what plainly is of another kind goes.
        plain = [name for key in ("buildings", "roads") if key != want for name in _TAGS[key]]
        return _said(layer, tuple(plain)) & _mixed(layer)
    found = ~own & (other | (shapely.get_type_id(layer.shapes) == 0))
    if want == "buildings":
        people = layer.column("households")
        if people is not None:
            found &= np.array([columns.blank(value) for value in people], dtype=bool)
    if want == "roads":
        found = ~own
    return np.asarray(found, dtype=bool)


def _mixed(layer: Layer) -> bool:
    """Whether a file has both streets and buildings."""
    return bool(_said(layer, ("building",)).any() and _said(layer, ("highway",)).any())


def _said(layer: Layer, names: tuple[str, ...]) -> NDArray[np.bool_]:
    said = np.zeros(len(layer), dtype=bool)
    for name in names:
        column = layer.columns.get(name)
        if column is not None:
            said |= np.array([not columns.blank(value) and value != "no" for value in column], dtype=bool)
    return said
