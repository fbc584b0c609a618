"""What happened: audit, outbox, tallies, live feed. See README.md."""
