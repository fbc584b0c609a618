"""Words every floor shares: errors, texts, ids, clock, masking, sealing. No Django here."""
