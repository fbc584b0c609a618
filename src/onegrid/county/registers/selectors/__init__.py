"""What others read of the registers: values, never models."""

from __future__ import annotations

from onegrid.county.registers.selectors.counting import (
    count_dwellings,
    count_households,
    count_lived_in,
    count_premises,
    count_records,
    count_residents,
    counts,
    usual_household_count,
)
from onegrid.county.registers.selectors.keepers import Centre, Keeper, MyGrid, my_grid

__all__ = [
    "Centre",
    "Keeper",
    "MyGrid",
    "count_dwellings",
    "count_households",
    "count_lived_in",
    "count_premises",
    "count_records",
    "count_residents",
    "counts",
    "my_grid",
    "usual_household_count",
]
