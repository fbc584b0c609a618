"""What decides about positions and appointments: plain Python, no Django."""
