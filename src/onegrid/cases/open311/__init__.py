"""Open311 GeoReport v2 over the case engine: a thin door for other people's programs."""
