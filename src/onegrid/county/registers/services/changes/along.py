"""What stands in a building goes where the building goes: doors, homes, people, shops, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence

from onegrid.county.registers.models import Dwelling, Household, Premises, Resident, Stay, Tenure
from onegrid.county.registers.services import care, search
from onegrid.county.registers.services.changes import writing


def take_along(buildings: Sequence[int], grid: int, path: str, before: str) -> None:
    """Move everything in these buildings, which are moved already, from the leaf grid `before` to `grid` at `path`."""
    doors = list(Dwelling.objects.filter(building_id__in=buildings).values_list("pk", flat=True))
    people = Resident.objects.filter(household__dwelling__in=doors)
    care.move(people.values("pk"), path)
    people.update(scope_path=path)
    for followers in (Stay, Tenure):
        followers.objects.filter(dwelling__in=doors).update(scope_path=path)
    Household.objects.filter(dwelling__in=doors).update(grid_id=grid, scope_path=path)
    for places in (Dwelling, Premises):
        places.objects.filter(building_id__in=buildings).update(grid_id=grid, scope_path=path)
    _find_again(list(buildings), doors, before, path)


def _find_again(buildings: list[int], doors: list[int], before: str, after: str) -> None:
    """The index of search terms and the book of changes know the grids everything lies in."""
    residents = Resident.objects.filter(household__dwelling__in=doors)
    people = list(residents.values_list("pk", flat=True))
    premises = list(Premises.objects.filter(building_id__in=buildings).values_list("pk", flat=True))
    homes = list(Household.objects.filter(dwelling__in=doors).values_list("pk", flat=True))
    search.move("buildings", buildings, before, after)
    search.move("residents", people, before, after)
    search.move("premises", premises, before, after)
    writing.follow("buildings", buildings, after)
    writing.follow("dwellings", doors, after)
    writing.follow("households", homes, after)
    writing.follow("residents", people, after)
    writing.follow("premises", premises, after)
