"""What changes grids: growing the tree, redrawing it, keeping the work calendar."""
