"""Signing in and out, passwords, second factor, phone codes, tokens."""
