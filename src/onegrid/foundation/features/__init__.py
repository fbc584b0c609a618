"""OGC API – Features for whatever modules have to show; see README.md."""
