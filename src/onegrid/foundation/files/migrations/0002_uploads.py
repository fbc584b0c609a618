from django.db import migrations, models

from onegrid.foundation.database.migrations import append_only, protect


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PartialPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sender", models.TextField(help_text="Who sends it, as `Actor.word`.")),
                ("key", models.TextField(help_text="Idempotency key; the finished photo keeps it.")),
                ("scope_path", models.TextField(db_collation="C", default="r.")),
                ("kind", models.TextField()),
                ("size", models.PositiveIntegerField(help_text="Bytes announced.")),
                (
                    "sha256",
                    models.TextField(
                        default="", help_text="Of the bytes announced; empty where the sender cannot say."
                    ),
                ),
                ("taken_at", models.DateTimeField(null=True)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("begun_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["begun_at"], name="partial_photo_begun")],
                "constraints": [models.UniqueConstraint(fields=("sender", "key"), name="partial_photo_once")],
            },
        ),
        protect("files_partialphoto"),
        append_only("files_partialphoto", but_delete=True),
    ]
