"""Who may sign in. No row here belongs to a grid: only the app role reads these tables (see the migration).

What is secret is stored so that a stolen dump signs nobody in: passwords as argon2, tokens and codes as hashes, phones
and one-time secrets sealed.
"""

from __future__ import annotations

from django.db import models

from onegrid.foundation.database.fields import BlindIndex, EncryptedText
from onegrid.foundation.kernel.masking import normalise_phone


class User(models.Model):
    """Somebody of the staff. What he may do hangs on his appointments (hats), not on this row."""

    id = models.BigAutoField(primary_key=True)
    username = models.TextField(unique=True)
    password = models.TextField(help_text="argon2; empty: cannot sign in.")
    display_name = models.TextField()
    phone = EncryptedText(null=True)
    phone_index = BlindIndex(of="phone", normalise=normalise_phone, db_index=True)
    email = models.TextField(default="")
    is_active = models.BooleanField(default=True)
    must_change = models.BooleanField(default=False, help_text="The password was given by somebody else.")
    totp_secret = EncryptedText(null=True)
    totp_on = models.BooleanField(default=False, help_text="The secret was confirmed with a code.")
    totp_step = models.BigIntegerField(default=0, help_text="The last time step used: a code works once.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """The sign-in name."""
        return self.username


class Resident(models.Model):
    """A natural person who signs in with a phone."""

    id = models.UUIDField(primary_key=True)
    phone = EncryptedText()
    phone_index = BlindIndex(of="phone", normalise=normalise_phone, unique=True)
    name = EncryptedText(null=True)
    created_at = models.DateTimeField()


class ApiKey(models.Model):
    """A bearer token or an Open311 key; only its hash is kept."""

    id = models.BigAutoField(primary_key=True)
    digest = models.BinaryField(unique=True, max_length=32)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="keys")
    kind = models.TextField(help_text="token or open311")
    label = models.TextField()
    hat = models.TextField(default="", help_text="The hat it wears; empty: the person's first.")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Session(models.Model):
    """One signed-in browser."""

    digest = models.BinaryField(primary_key=True, max_length=32, help_text="Hash of the cookie.")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    resident = models.ForeignKey(Resident, models.CASCADE, null=True, related_name="sessions")
    hat = models.TextField(default="", help_text="The active hat; empty: the first.")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="session_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, resident__isnull=True)
                | models.Q(user__isnull=True, resident__isnull=False),
                name="session_of_one_person",
            )
        ]


class PhoneCode(models.Model):
    """A code sent to a phone."""

    id = models.BigAutoField(primary_key=True)
    phone_index = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32, help_text="Keyed hash of phone and code.")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone_index", "-sent_at"], name="phone_code_phone")]


class Attempt(models.Model):
    """One counted try, for limits per phone and per network. The bucket is a keyed hash: it names nobody."""

    id = models.BigAutoField(primary_key=True)
    bucket = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["bucket", "at"], name="attempt_bucket")]


class SavedView(models.Model):
    """A list as somebody narrowed it, under a name of his own."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="views")
    page = models.TextField()
    name = models.TextField()
    query = models.JSONField(default=dict, help_text="The address's filters: name to value.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_name")]


class ChosenColumns(models.Model):
    """The columns somebody wants to see on a page, in his order."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="columns")
    page = models.TextField()
    columns = models.JSONField(default=list, help_text="Names of columns, in their order.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="chosen_columns_page")]
