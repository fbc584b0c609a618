"""Grids and the map over HTTP: one file for each thing people do with them, joined here.

├── reading.py    where a point lies, search, one grid and those below it
├── addresses.py  addresses by words or near a point
├── drafts.py     drafts: begin, look, send, decide
├── drawing.py    drafts: over the registers, in the background
├── editing.py    drafts: split, merge, borders, undo
├── carrying.py   drafts: whose ground moved on
├── history.py    a grid through time
├── export.py     grids as a file
└── tiles.py      tiles of the map, and its version
"""

from __future__ import annotations

from ninja import Router

from onegrid.county.grids.api.addresses import router as addresses
from onegrid.county.grids.api.carrying import router as carrying
from onegrid.county.grids.api.drafts import router as drafts
from onegrid.county.grids.api.drawing import router as drawing
from onegrid.county.grids.api.editing import router as editing
from onegrid.county.grids.api.export import router as export
from onegrid.county.grids.api.history import router as history
from onegrid.county.grids.api.reading import grid_out, wants_english
from onegrid.county.grids.api.reading import router as reading
from onegrid.county.grids.api.tiles import router as tiles

__all__ = ["grid_out", "router", "wants_english"]

router = Router()
for part in (reading, addresses, tiles, drawing, drafts, editing, carrying, history, export):
    router.add_router("", part)
