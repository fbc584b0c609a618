"""Addresses as the API shows them."""

from __future__ import annotations

from ninja import Schema


class AddressOut(Schema):
    """A building by its address."""

    label: str
    lon: float
    lat: float
    scope_path: str


class AddressList(Schema):
    """Addresses, best first."""

    items: list[AddressOut]
