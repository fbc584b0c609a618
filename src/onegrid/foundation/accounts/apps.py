"""Registers the accounts with Django."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, residents, sessions, tokens."""

    name = "onegrid.foundation.accounts"
    label = "accounts"
