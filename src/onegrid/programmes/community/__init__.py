"""What a community shares with its residents and its staff: notices. Start at README.md."""
