"""What is kept of messages: the demo's drawer. Real channels keep nothing here."""

from __future__ import annotations

from django.db import models

from onegrid.foundation.database.fields import EncryptedText


class DrawerMessage(models.Model):
    """A message the demo shows on the page instead of sending it. Opened by an unguessable token, for a short time."""

    id = models.BigAutoField(primary_key=True)
    digest = models.BinaryField(max_length=32, help_text="Hash of the drawer's token.")
    to_masked = models.TextField()
    text = EncryptedText()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["digest", "-at"], name="drawer_digest"),
            models.Index(fields=["at"], name="drawer_age"),
        ]
