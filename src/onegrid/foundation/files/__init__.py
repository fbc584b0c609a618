"""Photos: taken in, cleaned, kept outside the database, shown only to those who may see their owner. See README.md."""
