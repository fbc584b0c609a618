"""The life of a drawing over the registers: wished for, taken up by whoever draws, stopped, resumed, finished.

    waiting → running → open          a redraw of some cells ends where it began: open
       ↑ resume ↑  ↓
     stopped, failed

One village after the other is stored, each in a transaction that finds the draft still running: what is stored is what
was drawn, and a drawing that was stopped or killed goes on with the next village.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from onegrid.county.grids.errors import CannotRedraw, DraftClosed, NotDrawable, NotSiblings
from onegrid.county.grids.models import Draft, Grid, Level
from onegrid.county.grids.rules.drawing.wanted import Along, in_order, usual
from onegrid.county.grids.rules.editing import Picture
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.services.drafts import beginning, store
from onegrid.county.grids.services.drafts.beginning import Wanted, record
from onegrid.foundation.accounts.actor import Actor

SILENT: Final = timedelta(seconds=120)
"""A drawing nobody has heard of for so long has lost its process."""
LEAST, MOST_SIZE = 1.0, 1_000_000.0
AT_ONCE: Final = 1_500
"""Households of a part that is drawn while its sender waits: an estate and its neighbours, a quarter of a second."""


@dataclass(frozen=True)
class Asked:
    """A level to be drawn: by size (households, or residents) and how far off it may be, or along what is there."""

    level: Level
    size: float
    tolerance: float
    along: Along = ""

    def stored(self) -> dict[str, Any]:
        """As a draft keeps it."""
        return {"level": self.level.key, "size": self.size, "tolerance": self.tolerance, "along": self.along}


def wish(actor: Actor, wanted: Wanted, *, now: datetime) -> Draft:
    """Ask for a drawing of everything inside a grid. Raises as `begin`, NotDrawable for levels that make no sense."""
    draft = beginning.begin(actor, wanted, state="waiting", now=now)
    own = {level.key: level for level in beginning.levels_below(draft.grid, draft.scheme)}
    asked = [str(one["level"]) for one in wanted.levels]
    order = [key for key in own if key in asked]
    if not asked or asked != order:
        raise NotDrawable("drafts.errors.levels_odd")
    if list(own)[: len(asked)] != asked:
        raise NotDrawable("drafts.errors.levels_gap")
    found = asked_of(own, wanted.levels)
    if not in_order([(one.size, one.along) for one in found]):
        raise NotDrawable("drafts.errors.levels_odd")
    draft.after, draft.levels = {}, [one.stored() for one in found]
    draft.work = {"frames": frames_of(draft), "ready": []}
    draft.save(update_fields=["after", "levels", "work"])
    return draft


def asked_of(own: Mapping[str, Level], wanted: Sequence[Mapping[str, Any]]) -> list[Asked]:
    """The wished levels: one without a size follows what the pack says, one without a tolerance has the usual one.

    Raises NotDrawable for a level without a size that follows nothing.
    """
    sizes = [float(one.get("size") or 0.0) for one in wanted]
    found = []
    for place, one in enumerate(wanted):
        level, size = own[str(one["level"])], sizes[place]
        along: Along = "" if size else level.along
        if not size and not along:
            raise NotDrawable("drafts.errors.level_unsized", level=level.title_zh)
        tolerance = float(one.get("tolerance") or usual(size, sizes[place + 1 :]))
        found.append(Asked(level, size, tolerance, along))
    return found


def frames_of(draft: Draft) -> list[int]:
    """The grids drawn one by one: the smallest divisions inside that the scheme lies in, or the grid itself."""
    if draft.grid.scheme_id is not None:
        return [draft.grid_id]
    inside = Grid.objects.filter(
        active=True, scope_path__gte=draft.scope_path, scope_path__lt=upper_bound(draft.scope_path)
    )
    divisions = list(inside.filter(scheme=None).order_by("code").values_list("pk", "parent_id"))
    hold = set(inside.filter(scheme=draft.scheme_id).values_list("parent_id", flat=True))
    above = {parent for _, parent in divisions}
    drawn = [key for key, _ in divisions if key in hold]
    return drawn or [key for key, _ in divisions if key not in above]


def wish_part(
    actor: Actor, draft: Draft, here: Picture, *, cells: Sequence[str], size: float | None, tolerance: float | None,
    seed: int, now: datetime,
) -> Draft:  # fmt: skip
    """Ask for some siblings of the draft's picture to be drawn anew with everything else as it is; without a size
    along what the pack says. Raises CellNotFound, NotSiblings, CannotRedraw for a level without either."""
    chosen = [here.cell(key) for key in dict.fromkeys(cells)]
    if not chosen or len({(cell.parent, cell.level) for cell in chosen}) != 1:
        raise NotSiblings("grids.errors.not_siblings")
    if size is None and not Level.objects.get(pk=chosen[0].level).along:
        raise CannotRedraw("drafts.errors.cannot_redraw")
    if size is not None and not LEAST <= size <= MOST_SIZE:
        raise CannotRedraw("drafts.errors.cannot_redraw")
    draft.state, draft.changed_at, draft.failure = "waiting", now, ""
    draft.work = {
        "part": [cell.key for cell in chosen], "size": size, "tolerance": tolerance, "seed": seed, "total": 1,
        "by": actor.name, "user": actor.user_id,
    }  # fmt: skip
    draft.save()
    record(actor, "redraw", draft, now=now, cells=len(chosen))
    return draft


def is_small(draft: Draft) -> bool:
    """Whether the part wished for is drawn in a moment, so that nobody needs to wait for the background."""
    rows = store.shown(draft).filter(key__in=draft.work["part"]).values_list("households", flat=True)
    return sum(rows) <= AT_ONCE


def stop(actor: Actor, draft: Draft, *, now: datetime) -> Draft:
    """Stop behind the village that is being stored. Raises DraftClosed."""
    store.require(draft, "waiting", "running")
    draft.state = "open" if draft.work.get("part") else "stopped"
    draft.changed_at = now
    draft.save(update_fields=["state", "changed_at"])
    record(actor, "stop", draft, now=now)
    return draft


def resume(actor: Actor, draft: Draft, *, now: datetime) -> Draft:
    """Let a stopped or failed drawing go on with the next village. Raises DraftClosed."""
    if draft.kind != "drawn":
        raise DraftClosed()
    store.require(draft, "stopped", "failed")
    draft.state, draft.failure, draft.changed_at = "waiting", "", now
    draft.save(update_fields=["state", "failure", "changed_at"])
    record(actor, "resume", draft, now=now)
    return draft


def next_waiting(now: datetime) -> int | None:
    """The drawing to be run next: one somebody wished for, or one whose process is gone; None while another runs."""
    silent = Q(state="running", beat_at__lt=now - SILENT)
    if Draft.objects.filter(state="running").exclude(silent).exists():
        return None
    found = Draft.objects.filter(Q(state="waiting") | silent).order_by("changed_at", "pk")
    return found.values_list("pk", flat=True).first()


def take_up(draft_id: int, *, now: datetime) -> Draft | None:
    """Start or go on with a drawing; None when it is over or somebody else draws it."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None or draft.state not in ("waiting", "running"):
        return None
    if draft.state == "running" and draft.beat_at is not None and draft.beat_at > now - SILENT:
        return None
    draft.state, draft.beat_at = "running", now
    draft.save(update_fields=["state", "beat_at"])
    return draft


def beat(draft_id: int, told: Mapping[str, Any], *, now: datetime) -> bool:
    """Say how far a drawing is; whether it shall go on."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id, state="running").first()
    if draft is None:
        return False
    draft.work = {**draft.work, **told}
    draft.beat_at = now
    draft.save(update_fields=["work", "beat_at"])
    return True


def fail(draft_id: int, words: str, *, now: datetime) -> None:
    """A drawing that cannot be finished, with the key of the words that say why."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id, state="running").first()
    if draft is not None:
        draft.state = "open" if draft.work.get("part") else "failed"
        draft.failure, draft.changed_at = words, now
        draft.save(update_fields=["state", "failure", "changed_at"])


def drawn_levels(draft: Draft) -> list[Asked]:
    """The levels that are drawn, top to bottom."""
    levels = {level.key: level for level in beginning.levels_below(draft.grid, draft.scheme)}
    return [
        Asked(levels[one["level"]], float(one["size"]), float(one["tolerance"]), one.get("along", ""))
        for one in draft.levels
    ]
