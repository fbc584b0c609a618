"""What decides about a case: plain Python, values in and a decision out. No Django, no clock of its own."""
