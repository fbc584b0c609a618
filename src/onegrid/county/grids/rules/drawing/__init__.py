"""Drawing grids: from buildings, roads, water and borders to nested, connected, balanced grids.

The steps, each a module that knows only arrays: ground (what comes in) → clean (what is mended or left out, by name)
→ blocks (land between roads, rivers and borders) → cells (a piece of land for each part of a building) → adjacency
→ partition → outlines → naming. No Django, no files.
"""
