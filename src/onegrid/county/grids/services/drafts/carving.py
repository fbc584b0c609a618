"""Drawing a draft with the engine. Imports compiled loops: only the process that draws loads this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely

from onegrid.county.grids import surroundings
from onegrid.county.grids.models import Draft, Grid, GridOutline
from onegrid.county.grids.rules.drawing.ground import Ground
from onegrid.county.grids.rules.drawing.partition.solve import Stopped
from onegrid.county.grids.rules.drawing.whole import Drawing, NothingToDraw
from onegrid.county.grids.rules.editing import Cell
from onegrid.county.grids.rules.files.report.facts import finding_facts, level_facts
from onegrid.county.grids.services.drafts import beginning, checking, drawing, grounds, merging, parts, store
from onegrid.county.grids.services.drafts.cutting import Task, carved, counts, with_leaders
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import in_locality

REASON: Final = "draft"
Clock = Callable[[], datetime]
EVERY: Final = 0.4
"""Seconds between two words on how far it is."""


def run(locality: str, draft_id: int, clock: Clock) -> str:
    """Draw a draft to its end, until stopped or until it fails; its state then."""
    with in_locality(locality, REASON):
        draft = drawing.take_up(draft_id, now=clock())
    if draft is None:
        return ""
    try:
        if draft.work.get("part"):
            _part(locality, draft, clock)
        else:
            _villages(locality, draft, clock)
    except Stopped:
        pass
    except NothingToDraw:
        _fail(locality, draft_id, "drafts.errors.no_homes", clock)
    except Exception:
        _fail(locality, draft_id, "drafts.errors.drawing_failed", clock)
        raise
    with in_locality(locality, REASON):
        return str(Draft.objects.values_list("state", flat=True).get(pk=draft_id))


def _fail(locality: str, draft_id: int, words: str, clock: Clock) -> None:
    with in_locality(locality, REASON):
        drawing.fail(draft_id, words, now=clock())


def _villages(locality: str, draft: Draft, clock: Clock) -> None:
    """One frame after the other, each stored before the next is begun."""
    frames, ready = list(draft.work["frames"]), list(draft.work["ready"])
    for frame in frames:
        if frame in ready:
            continue
        with in_locality(locality, REASON):
            task = _task(draft, frame)
            ground = _ground(draft, task, clock())
        watch = _Watch(locality, draft.pk, clock, {"area": task.name, "done": len(ready), "total": len(frames)})
        cells, made = _drawn(task, ground, store.Fresh(draft), watch)
        ready.append(frame)
        with in_locality(locality, REASON):
            if not drawing.beat(draft.pk, {"ready": ready, "done": len(ready), "stage": "storing"}, now=clock()):
                return
            found = Draft.objects.select_for_update().get(pk=draft.pk)
            found.fresh = draft.fresh
            found.report = merging.merged(found.report, _facts(task, cells, made)) if made is not None else found.report
            store.insert(found, cells, counts(task, cells, made), step=0)
            found.save(update_fields=["fresh", "report"])
    _finish(locality, draft.pk, clock)


def _finish(locality: str, draft_id: int, clock: Clock) -> None:
    with in_locality(locality, REASON):
        draft = Draft.objects.select_for_update().filter(pk=draft_id, state="running").first()
        if draft is None:
            return
        if draft.report is None:
            drawing.fail(draft_id, "drafts.errors.no_homes", now=clock())
            return
        here = store.picture(draft)
        draft.state, draft.changed_at, draft.after = "open", clock(), store.counted(draft, here)
        draft.faults = checking.grave(draft, here)
        draft.save()


def _task(draft: Draft, frame: int) -> Task:
    """One village: its outline, its code and the grids of today in it."""
    grid = Grid.objects.get(pk=frame)
    outline = shapely.from_wkb(bytes(GridOutline.objects.get(grid=grid, valid_to=None).wkb))
    old, _ = beginning.todays_cells(grid.scope_path, draft.scheme_id)
    return Task(
        f"g{frame}", grid.name, grid.scope_path, outline, grid.code, drawing.drawn_levels(draft), old,
        int(draft.wish.get("seed", 1)), str(draft.wish.get("workload", "households")),
    )  # fmt: skip


def _ground(draft: Draft, task: Task, now: datetime) -> Ground:
    """What a village is drawn on, with the homes of those in charge if that was wished."""
    ground = grounds.ground_of(task.path, task.outline, name=task.name, code=task.code)
    if not draft.wish.get("leaders"):
        return ground
    return with_leaders(ground, task.path, draft.scheme.key, task.levels, surroundings.day_of(now))


def _part(locality: str, draft: Draft, clock: Clock) -> None:
    """Some siblings anew, with everything that lies in them; one step of the draft."""
    with in_locality(locality, REASON):
        part = parts.prepared(draft, store.picture(draft))
    watch = _Watch(locality, draft.pk, clock, {"area": part.task.name, "done": 0, "total": 1})
    cells, made = carved(part.task, part.ground, store.Fresh(draft), watch, watch.stopped)
    with in_locality(locality, REASON):
        found = Draft.objects.select_for_update().filter(pk=draft.pk, state="running").first()
        if found is not None:
            found.fresh = draft.fresh
            actor = Actor(kind="staff", user_id=draft.work.get("user"), name=str(draft.work.get("by", "")))
            parts.stored(actor, found, part, cells, counts(part.task, cells, made), now=clock())


def _drawn(task: Task, ground: Ground, fresh: Callable[[], str], watch: _Watch) -> tuple[list[Cell], Drawing | None]:
    """A village carved; where nobody lives it is one grid of each level."""
    try:
        return carved(task, ground, fresh, watch, watch.stopped)
    except NothingToDraw:
        cells: list[Cell] = []
        parent, name = task.parent, task.name
        for level in (one.level for one in task.levels):
            old = next((one for one in task.old if one.level == level.pk and one.parent == parent), None)
            name = old.name if old is not None else f"{name}1{level.title_zh}"
            key, grid = (old.key, old.grid) if old is not None else (fresh(), None)
            cells.append(Cell(key, parent, level.pk, name, task.outline, grid))
            parent = key
        return cells, None


def _facts(task: Task, cells: Sequence[Cell], made: Drawing) -> dict[str, Any]:
    """What was measured in one village; grids out of tolerance by the key of their cell."""
    levels = []
    start = 0
    for asked, drawn in zip(task.levels, made.levels, strict=True):
        level, size = asked.level, asked.size
        own = cells[start : start + len(drawn.shapes)]
        start += len(drawn.shapes)
        facts = level_facts(drawn)
        by_code = dict(zip(drawn.codes, own, strict=True))
        outside = []
        for one in facts["outside"]:
            cell = by_code[one["grid"]]
            spot = cell.outline.representative_point()
            outside.append({**one, "cell": cell.key, "name": cell.name, "lon": spot.x, "lat": spot.y, "size": size})
        told = {"title_zh": level.title_zh, "title_en": level.title_en, "spread": merging.spread_of(drawn)}
        levels.append({**facts, **told, "outside": outside})
    findings = [{**finding_facts(one), "area": task.name} for one in made.findings]
    found: dict[str, Any] = _plain(
        {"levels": levels, "findings": findings, "seconds": sum(made.seconds.values()), "areas": 1}
    )
    return found


def _plain(value: Any) -> Any:
    """Numbers of numpy as Python's own; what is no number at all as nothing."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


class _Watch:
    """Says how far the drawing is, and hears whether it shall stop; asks the database now and then."""

    def __init__(self, locality: str, draft_id: int, clock: Clock, told: dict[str, Any]) -> None:
        self.locality, self.draft, self.clock, self.told = locality, draft_id, clock, told
        self.last: datetime | None = None
        self.off = False

    def __call__(self, step: str, share: float) -> None:
        now = self.clock()
        if self.last is not None and (now - self.last).total_seconds() < EVERY:
            return
        self.last = now
        with in_locality(self.locality, REASON):
            told = {**self.told, "stage": step, "share": round(float(share), 3)}
            self.off = not drawing.beat(self.draft, told, now=now)

    def stopped(self) -> bool:
        """Whether somebody stopped it."""
        return self.off
