"""Saved views of lists and chosen columns, each person's own."""

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.migrations import private, together


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("page", models.TextField()),
                ("name", models.TextField()),
                ("query", models.JSONField(default=dict, help_text="The address's filters: name to value.")),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="views", to="accounts.user"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "page", "name"), name="saved_view_name")],
            },
        ),
        migrations.CreateModel(
            name="ChosenColumns",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("page", models.TextField()),
                ("columns", models.JSONField(default=list, help_text="Names of columns, in their order.")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="columns", to="accounts.user"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "page"), name="chosen_columns_page")],
            },
        ),
        private("accounts_savedview"),
        private("accounts_chosencolumns"),
    ]
    operations = together(operations)
