"""What decides about departments: plain Python, no Django."""
