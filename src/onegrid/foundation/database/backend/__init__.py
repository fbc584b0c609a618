"""Django's PostgreSQL backend with our standing applied at the start of every transaction."""
