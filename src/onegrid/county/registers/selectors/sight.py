"""What one actor may see and do in the registers: the field table, with the locality's changes, for the hat worn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onegrid.county.registers.rules import fields
from onegrid.county.registers.rules.fields import FIELDS, Access, Overrides
from onegrid.county.registers.rules.kinds import KINDS, Kind
from onegrid.county.registers.selectors import choices
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden

Cell = str | int | float | None


@dataclass(frozen=True)
class Sight:
    """Who looks. Ask `sight(actor)` for one."""

    role: str
    overrides: Overrides = field(default_factory=dict)

    def access(self, kind: Kind, key: str) -> Access:
        """What may be done with a field. KeyError for a field there is not."""
        return fields.access(self.role, kind, key, self.overrides)

    def sees(self, kind: Kind, key: str) -> bool:
        """Whether the field is told at all."""
        return self.access(kind, key) != "hidden"

    def table(self, kind: Kind) -> Mapping[str, Access]:
        """Every field of a kind that is told, in order, and what may be done with it."""
        return {key: level for key in FIELDS[kind] if (level := self.access(kind, key)) != "hidden"}

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of which at least one field is told."""
        return tuple(kind for kind in KINDS if self.table(kind))

    def edits(self, kind: Kind) -> bool:
        """Whether anything of a kind may be changed."""
        return "write" in self.table(kind).values()


def sight(actor: Actor) -> Sight:
    """How the actor sees the registers. Raises `Forbidden` for departments, residents and staff without a grid."""
    if actor.kind == "system":
        return Sight("system")
    if actor.kind != "staff" or not actor.scope_path or actor.department_path:
        raise Forbidden()
    return Sight(actor.role, choices.part().fields)
