"""How the database is asked: on whose behalf, in which locality, with which fields and rules."""
