"""Partition: atoms to nested grids, level by level; redrawing a part with the rest frozen; keeping names.

Start at ``levels.draw``. Nothing here imports numba before the first drawing.
"""

from onegrid.county.grids.rules.drawing.partition.levels import LevelSpec, draw
from onegrid.county.grids.rules.drawing.partition.names import keep_names
from onegrid.county.grids.rules.drawing.partition.part import redraw_part
from onegrid.county.grids.rules.drawing.partition.solve import Stopped

__all__ = ["LevelSpec", "Stopped", "draw", "keep_names", "redraw_part"]
