"""What the registers know without a database: kinds and their columns, sheets read and written, fields, terms."""
