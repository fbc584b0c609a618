"""What grids decide, free of Django: paths, codes, numbering, tiling, finding a point, drawing a tile."""
