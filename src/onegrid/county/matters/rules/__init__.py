"""What decides about matters: plain Python, no Django."""
