"""Drafts of the map."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grids", "0001_initial")]
    operations = []
