"""The synthetic locality: land, people, cases and life for any pack at any scale, from one seed."""
