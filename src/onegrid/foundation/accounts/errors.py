"""What can go wrong around signing in.

OneGridError
├── MustChangePassword 403   first sign-in: nothing else until the password is changed
├── StalePage 403            the CSRF token does not fit the session
├── WeakPassword 422
├── HatNotHeld 422           a hat the person does not hold
└── ViewsFull 422            too many saved views
"""

from __future__ import annotations

from onegrid.foundation.kernel.errors import Forbidden, Invalid


class MustChangePassword(Forbidden):
    """Nothing but changing the password is allowed."""

    code = "must_change_password"


class StalePage(Forbidden):
    """A write from a page that is not ours, or opened before the last sign-in."""

    code = "csrf"


class WeakPassword(Invalid):
    """Too short, too common, or like the name."""

    code = "weak_password"


class HatNotHeld(Invalid):
    """Not one of the person's hats today."""

    code = "hat_not_held"


class ViewsFull(Invalid):
    """Too many saved views: one must go first."""

    code = "views_full"
