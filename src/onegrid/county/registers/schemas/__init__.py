"""The registers as the API shows them, one file for each file of `api/`."""
