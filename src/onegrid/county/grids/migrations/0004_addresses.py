"""What the address index stores."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grids", "0003_map")]
    operations = []
