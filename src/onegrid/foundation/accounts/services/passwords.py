"""Sign-in with name and password: five wrong ones in half an hour close the door, for known and unknown names alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Final

import pyotp
from django.contrib.auth.hashers import check_password, make_password

from onegrid.foundation.accounts.errors import WeakPassword
from onegrid.foundation.accounts.models import User
from onegrid.foundation.accounts.services import limits, sessions
from onegrid.foundation.kernel.errors import FieldError, SecondFactorNeeded, SignInRefused

NAME_LIMIT: Final = (limits.Limit(5, timedelta(minutes=30)),)
NETWORK_LIMIT: Final = (limits.Limit(100, timedelta(minutes=30)),)
SHORTEST: Final = 10
COMMON: Final = frozenset({"1234567890", "0123456789", "qwertyuiop", "password123", "1q2w3e4r5t", "a123456789"})
TOTP_STEP: Final = 30


def sign_in(*, username: str, password: str, totp: str, network: str, now: datetime) -> User:
    """The user, when all is right. Raises `SignInRefused`, `SecondFactorNeeded` or `TooMany`.

    The try is counted before the password is looked at, and the caller commits it even when the sign-in is refused. A
    sign-in that succeeds counts for nothing: a whole town hall signs in from one network every morning.
    """
    name = limits.bucket("name", username.strip().lower())
    place = limits.bucket("network", network)
    limits.one_at_a_time(name)
    limits.refuse_if_spent(name, NAME_LIMIT, now)
    limits.refuse_if_spent(place, NETWORK_LIMIT, now)
    limits.count(name, now)
    limits.count(place, now)
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    stored = user.password if user and user.password else _decoy()
    right = check_password(password, stored)
    if user is None or not user.password or not right:
        raise SignInRefused()
    if user.totp_on:
        if not totp:
            raise SecondFactorNeeded()
        if not use_code(user, totp, now):
            raise SignInRefused()
    limits.clear(name)
    limits.forgive(place)
    return user


def set_password(user: User, password: str, *, must_change: bool = False) -> None:
    """Store a new password and sign the person out everywhere. Raises `WeakPassword`."""
    check_strength(password, user.username)
    user.password = make_password(password)
    user.must_change = must_change
    user.save(update_fields=["password", "must_change"])
    sessions.close_all(user.pk)


def change_password(user: User, *, old: str, new: str, keep: bytes, now: datetime) -> None:
    """The person's own change; he stays signed in on this browser. Wrong old passwords count as failed sign-ins."""
    name = limits.bucket("name", user.username.lower())
    limits.one_at_a_time(name)
    limits.refuse_if_spent(name, NAME_LIMIT, now)
    limits.count(name, now)
    if not check_password(old, user.password):
        raise SignInRefused(fields=[FieldError("old", "accounts.wrong_password")])
    check_strength(new, user.username, old=old)
    user.password = make_password(new)
    user.must_change = False
    user.save(update_fields=["password", "must_change"])
    sessions.close_all(user.pk, but=keep)
    limits.clear(name)


def check_strength(password: str, username: str, *, old: str = "") -> None:
    """Ten characters of at least two kinds, not a common one, not the name, not the one before."""
    kinds = sum((any(c.isalpha() for c in password), any(c.isdigit() for c in password), not password.isalnum()))
    key = ""
    if len(password) < SHORTEST:
        key = "accounts.password_short"
    elif kinds < 2 or password.lower() in COMMON or len(set(password)) < 5:
        key = "accounts.password_simple"
    elif len(username) > 2 and username.lower() in password.lower():
        key = "accounts.password_name"
    elif password == old:
        key = "accounts.password_same"
    if key:
        raise WeakPassword(fields=[FieldError("new", key, {"least": SHORTEST})])


def use_code(user: User, code: str, now: datetime) -> bool:
    """Whether a one-time code fits now or one step beside; each step is taken once."""
    if not user.totp_secret:
        return False
    generator = pyotp.TOTP(user.totp_secret)
    step = int(now.timestamp()) // TOTP_STEP
    for candidate in (step - 1, step, step + 1):
        if candidate > user.totp_step and pyotp.utils.strings_equal(generator.generate_otp(candidate), code.strip()):
            user.totp_step = candidate
            user.save(update_fields=["totp_step"])
            return True
    return False


def new_secret(user: User) -> tuple[str, str]:
    """A secret to be confirmed with a code: (secret, otpauth address for the QR code)."""
    user.totp_secret = pyotp.random_base32()
    user.totp_on = False
    user.totp_step = 0
    user.save(update_fields=["totp_secret", "totp_on", "totp_step"])
    return user.totp_secret, pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.username, issuer_name="OneGrid")


def confirm_secret(user: User, code: str, now: datetime) -> bool:
    """Turn the second factor on once a code proves the phone has the secret."""
    if not use_code(user, code, now):
        return False
    user.totp_on = True
    user.save(update_fields=["totp_on"])
    return True


def drop_secret(user: User, password: str) -> bool:
    """Turn it off again; asks for the password."""
    if not check_password(password, user.password):
        return False
    user.totp_secret, user.totp_on, user.totp_step = None, False, 0
    user.save(update_fields=["totp_secret", "totp_on", "totp_step"])
    return True


@cache
def _decoy() -> str:
    """A hash nothing fits, so that unknown names take as long as known ones."""
    return make_password("nobody has this password")
