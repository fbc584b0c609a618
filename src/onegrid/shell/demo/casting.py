"""Who plays in a locality's cases: its staff by duty and place, its officers by department, its residents."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from onegrid.cases.permissions import Actor
from onegrid.cases.rules.routing import Unit, find
from onegrid.cases.selectors import proposals
from onegrid.county.grids.rules import paths
from onegrid.county.matters.selectors import MatterInfo
from onegrid.county.workforce.models import Appointment, Position
from onegrid.foundation.accounts.models import Resident

_RESIDENTS = 3000
"""More voices than this nobody would tell apart."""


@dataclass(frozen=True)
class Cast:
    """Everybody who can act, found once and asked often."""

    by_place: dict[str, tuple[Actor, ...]]
    by_department: dict[int, tuple[Actor, ...]]
    units: tuple[Unit, ...]
    centres: frozenset[str]
    residents: tuple[UUID, ...]
    phones: dict[UUID, str]
    _known: dict[tuple[str, str, str], tuple[Actor, ...]] = field(default_factory=dict, repr=False, compare=False)

    def centres_above(self, path: str) -> tuple[str, ...]:
        """Paths of the grid centres at or above a path, top first."""
        return tuple(place for place in paths.ancestors(path) if place in self.centres)

    def at(self, path: str, duty: str) -> tuple[Actor, ...]:
        """Who holds a duty in exactly this grid."""
        return tuple(actor for actor in self.by_place.get(path, ()) if duty in actor.duties)

    def nearest(self, path: str, duty: str, *, without: str = "") -> tuple[Actor, ...]:
        """Who holds a duty in the smallest grid at or above a path, leaving out who also holds ``without``."""
        for place in sorted(paths.ancestors(path), key=len, reverse=True):
            found = tuple(actor for actor in self.at(place, duty) if not without or without not in actor.duties)
            if found:
                return found
        return ()

    def upward(self, path: str, duty: str, *, without: str = "") -> tuple[Actor, ...]:
        """Everybody on the path who holds a duty, the smallest place first."""
        key = (path, duty, without)
        if key not in self._known:
            self._known[key] = tuple(
                actor
                for place in sorted(paths.ancestors(path), key=len, reverse=True)
                for actor in self.at(place, duty)
                if not without or without not in actor.duties
            )
        return self._known[key]

    def officers(self, department: int, duty: str = "handle") -> tuple[Actor, ...]:
        """Who acts for a department."""
        return tuple(actor for actor in self.by_department.get(department, ()) if duty in actor.duties)

    def lead_for(self, matter: MatterInfo, path: str) -> int | None:
        """The department the catalogue proposes at a place, if it has officers."""
        for name in (matter.handed_to, matter.lead):
            unit = find(_word(name), self.units, path) if name else None
            if unit is not None and self.officers(int(unit.id)):
                return int(unit.id)
        return None

    def others_for(self, matter: MatterInfo, path: str, lead: int | None) -> list[int]:
        """Departments the catalogue names beside the lead, with officers of their own."""
        found: list[int] = []
        for name in matter.joint:
            unit = find(_word(name), self.units, path)
            if unit is not None and int(unit.id) not in (lead, *found) and self.officers(int(unit.id)):
                found.append(int(unit.id))
        return found


def gather() -> Cast:
    """Read the cast of the current locality; needs the root scope."""
    by_place: dict[str, list[Actor]] = {}
    by_department: dict[int, list[Actor]] = {}
    positions = {row.pk: (row.title_zh, frozenset(row.duties)) for row in Position.objects.all()}
    rows = (
        Appointment.objects.filter(ended_on=None)
        .order_by("pk")
        .values_list(
            "user_id", "user__display_name", "position_id", "department_id", "department__name_zh", "department__path",
            "grid__name", "grid__scope_path",
        )
    )  # fmt: skip
    for user, name, position, department, department_name, department_path, grid, path in rows:
        title, duties = positions[position]
        actor = Actor(
            kind="staff", user_id=user, name=name, position=title, unit=department_name or grid or "",
            scope_path=path or "", department_id=department, department_path=department_path or "", duties=duties,
        )  # fmt: skip
        if department is not None:
            by_department.setdefault(department, []).append(actor)
        else:
            by_place.setdefault(actor.scope_path, []).append(actor)
    residents = {row.pk: str(row.phone) for row in Resident.objects.order_by("created_at", "pk")[:_RESIDENTS]}
    centres = {place for place, actors in by_place.items() if any("triage" in actor.duties for actor in actors)}
    return Cast(
        {place: tuple(actors) for place, actors in by_place.items()},
        {key: tuple(actors) for key, actors in by_department.items()},
        tuple(sorted(proposals.routing_units(), key=lambda unit: unit.code)),
        frozenset(centres),
        tuple(residents),
        residents,
    )


def _word(name: str) -> str:
    """The catalogue's word for a unit of the place, as routing calls it."""
    return proposals.OF_THE_PLACE.get(name, name)


def resident_actor(resident: UUID) -> Actor:
    """A resident as he reports, follows and rates."""
    return Actor(kind="resident", resident_id=resident)


def uuid_of(drawn: bytes) -> UUID:
    """A random-looking id from sixteen drawn bytes."""
    return UUID(bytes=drawn, version=4)
