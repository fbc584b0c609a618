"""What the one map stores."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grids", "0002_drafts")]
    operations = []
