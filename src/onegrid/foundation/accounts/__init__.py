"""Who is it: staff, residents, programs; sign-in and hats. See README.md."""
