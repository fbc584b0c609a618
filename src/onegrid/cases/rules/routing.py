"""Which department handles a case, and which centre holds it.

Small matters stay in the community, large ones go to the township or street, hard ones to the county or district: a
case begins at the lowest centre on its path that may decide on it, and escalating moves it one centre up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Size = Literal["small", "large", "hard"]
"""小事, 大事, 难事."""


@dataclass(frozen=True)
class Unit:
    """A department as routing sees it. `seat` is the scope path of its area; the root for county-wide ones."""

    id: str
    code: str
    kind: str
    """What the catalogue calls it when every township has its own (`township_office`, `police_station`)."""
    seat: str
    handles: bool = True
    successor: str | None = None
    """Code of the department that took over its work, when it is no longer in force."""


@dataclass(frozen=True)
class Wanted:
    """What the catalogue says of a matter: `lead` and `joint` are department codes or, for township-level units, kinds;
    `handed_to` is set where the power was handed down to them."""

    lead: str
    joint: tuple[str, ...] = ()
    handed_to: str | None = None


@dataclass(frozen=True)
class Proposal:
    """Who should handle it; `why` is one of catalogue, handed_down, nobody."""

    lead: Unit | None
    joint: tuple[Unit, ...]
    why: str


def propose(wanted: Wanted, units: Sequence[Unit], path: str) -> Proposal:
    """The department a dispatcher may accept with one key; `lead` None when the catalogue names nobody in force here.

    A power that was handed down is used by the unit of the case's own township, where there is one.
    """
    handed = find(wanted.handed_to, units, path) if wanted.handed_to else None
    lead = handed or find(wanted.lead, units, path)
    joint = []
    for code in wanted.joint:
        one = find(code, units, path)
        if one is not None and one != lead and one not in joint:
            joint.append(one)
    why = "handed_down" if handed is not None else "catalogue" if lead is not None else "nobody"
    return Proposal(lead, tuple(joint), why)


def find(name: str, units: Sequence[Unit], path: str) -> Unit | None:
    """The handling unit called `name`, by code or by kind; of several, the one seated nearest above the case.

    A department that was merged away leads to its successor, however many reforms ago that was.
    """
    by_code = {one.code: one for one in units}
    seen: set[str] = set()
    while name in by_code and by_code[name].successor and name not in seen:
        seen.add(name)
        name = by_code[name].successor or name
    named = [one for one in units if name in (one.code, one.kind) and one.handles and not one.successor]
    near = [one for one in named if path.startswith(one.seat)]
    return max(near, key=lambda one: len(one.seat), default=None)


@dataclass(frozen=True)
class Centre:
    """A grid centre: the scope path it answers for, and the largest size it may decide on."""

    path: str
    settles: Size


ORDER: Mapping[Size, int] = {"small": 0, "large": 1, "hard": 2}


def first_centre(centres: Sequence[Centre], path: str, size: Size = "small") -> Centre | None:
    """The lowest centre on the case's path that may settle a case of this size; the highest when none may."""
    on_path = sorted((one for one in centres if path.startswith(one.path)), key=lambda one: -len(one.path))
    if not on_path:
        return None
    return next((one for one in on_path if ORDER[one.settles] >= ORDER[size]), on_path[-1])


def centre_above(centres: Sequence[Centre], held_by: str) -> Centre | None:
    """The next centre up from the one that holds the case; None at the top."""
    above = [one for one in centres if held_by.startswith(one.path) and one.path != held_by]
    return max(above, key=lambda one: len(one.path), default=None)


def centre_below(centres: Sequence[Centre], held_by: str, path: str) -> Centre | None:
    """The next centre down towards the case's place; None at the bottom."""
    below = [
        one for one in centres if path.startswith(one.path) and one.path.startswith(held_by) and one.path != held_by
    ]
    return min(below, key=lambda one: len(one.path), default=None)
