"""A change that nobody confirmed in time lapses."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """One more state."""

    dependencies = [("registers", "0009_access")]

    operations = [
        migrations.RemoveConstraint(model_name="change", name="change_state"),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("applied", "waiting", "refused", "lapsed", "undone"))),
                name="change_state",
            ),
        ),
    ]
