"""How much the registers hold, in the reader's own reach."""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef

from onegrid.county.registers.models import Building, Dwelling, Household, Organisation, Premises, Resident


def counts(scope_path: str) -> tuple[int, int]:
    """Buildings and households of a subtree that the caller's own scope lets him see."""
    inside = {"scope_path__startswith": scope_path}
    return Building.objects.filter(**inside).count(), Household.objects.filter(**inside).count()


def count_residents() -> int:
    """Residents of the register in the reader's own reach."""
    return Resident.objects.count()


def count_households() -> int:
    """Households in the reader's own reach."""
    return Household.objects.count()


def count_dwellings() -> int:
    """Dwellings in the reader's own reach, lived in or empty."""
    return Dwelling.objects.count()


def count_premises() -> int:
    """Premises in the reader's own reach."""
    return Premises.objects.count()


def count_records() -> int:
    """Rows of all six registers in the reader's own reach."""
    return sum(
        register.objects.count() for register in (Building, Dwelling, Household, Resident, Premises, Organisation)
    )


def count_lived_in() -> int:
    """Buildings somebody lives in, in the reader's own reach."""
    return Building.objects.filter(Exists(Household.objects.filter(dwelling__building=OuterRef("pk")))).count()


def usual_household_count(level_id: int) -> int:
    """How many households most grids of a level have; 0 where there are none."""
    with connection.cursor() as cursor:
        cursor.execute(_MOST_HAVE, [level_id])
        return int(cursor.fetchone()[0])


_MOST_HAVE = """
SELECT coalesce(mode() WITHIN GROUP (ORDER BY n), 0) FROM (
    SELECT count(*) AS n FROM registers_household WHERE grid_id IN (SELECT id FROM grids_grid WHERE level_id = %s)
    GROUP BY grid_id) AS each
"""
