import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.migrations import append_only, protect, together

NOTICE = "community_notice"
RECEIPT = "community_receipt"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("grids", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        help_text="Made by the writer; also the key of the request.", primary_key=True, serialize=False
                    ),
                ),
                ("scope_path", models.TextField(db_collation="C")),
                ("title", models.TextField()),
                ("body", models.TextField()),
                ("important", models.BooleanField(default=False)),
                ("for_residents", models.BooleanField()),
                ("for_staff", models.BooleanField()),
                (
                    "positions",
                    models.JSONField(default=list, help_text="Keys of the positions it is for; none: all staff."),
                ),
                ("valid_from", models.DateTimeField()),
                (
                    "valid_to",
                    models.DateTimeField(help_text="From then on it is not shown; empty: until withdrawn.", null=True),
                ),
                ("position", models.TextField(help_text="Key of the position the author signed with.")),
                ("place", models.TextField(help_text="Where he holds it.")),
                (
                    "fingerprint",
                    models.TextField(help_text="Of what was asked: a repeat of the key must ask the same."),
                ),
                ("created_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_reason", models.TextField(default="")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.grid"),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["scope_path", "-valid_from"], name="notice_scope")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("for_residents", True), ("for_staff", True), _connector="OR"),
                        name="notice_for_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="notice_from_before_to",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("at", models.DateTimeField()),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="community.notice"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("notice", "user"), name="notice_receipt_once")],
            },
        ),
        protect(NOTICE),
        protect(RECEIPT),
        # What a receipt says was read must stay what was read: a notice can only be withdrawn.
        append_only(NOTICE, but_update=["scope_path", "withdrawn_at", "withdrawn_by_id", "withdrawn_reason"]),
        append_only(RECEIPT, but_update=["scope_path"]),
    ]
    operations = together(operations)
