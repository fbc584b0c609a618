"""The feed is ordered by its numbers; readers wait for writers by advisory locks (see `services/feeding.py`)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="feedevent", name="feed_order"),
        migrations.RemoveField(model_name="feedevent", name="xid"),
    ]
