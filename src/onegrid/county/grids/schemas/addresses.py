"""Addresses as the API shows them."""

from __future__ import annotations

from typing import Literal

from ninja import Field, Schema


class AddressOut(Schema):
    """A building, street or grid by its name."""

    label: str
    lon: float
    lat: float
    scope_path: str
    kind: Literal["building", "street", "grid"]
    place: str = Field(description="The divisions it lies in, the locality's name left out.")
    confidence: float = Field(description="0 to 1: how sure that this one is meant and no other.")


class AddressList(Schema):
    """Addresses, best first."""

    items: list[AddressOut]
