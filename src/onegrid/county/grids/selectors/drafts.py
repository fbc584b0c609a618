"""Drafts as others read them: lists, one draft, its cells as GeoJSON, and the history of a grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import shapely
from django.db.models import Count, F, Q

from onegrid.county.grids import surroundings
from onegrid.county.grids.errors import GridNotFound, NotDrawn
from onegrid.county.grids.models import Draft, DraftCell, DraftStep, Grid, GridOutline, GridSuccession, Level, Scheme
from onegrid.county.grids.permissions import allowed, may_draw
from onegrid.county.grids.rules.drawing.wanted import usual
from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.selectors.reading import GridInfo, infos
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.texts import Lang, text

MOST_CELLS: Final = 5_000
WORKING: Final = ("waiting", "running", "stopped", "failed")


def listed(actor: Actor, *, state: str, before: int | None, limit: int) -> list[Draft]:
    """The newest drafts of the caller's grids, one more than asked for when there are more. Dropped ones only by name.

    Raises Forbidden.
    """
    may_draw(actor)
    found = Draft.objects.select_related("scheme").order_by("-pk")
    found = found.filter(state=state) if state else found.exclude(state="dropped")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[: limit + 1])


def told(actor: Actor, drafts: Sequence[Draft], lang: Lang) -> list[dict[str, Any]]:
    """Drafts as the API shows them; the grid as `GridInfo`. Four queries, however many there are."""
    english = lang == "en"
    grids = infos({draft.grid_id for draft in drafts})
    levels = _levels({draft.scheme_id for draft in drafts})
    last = dict(DraftStep.objects.filter(draft__in=drafts, number=F("draft__step")).values_list("draft_id", "action"))
    return [
        {
            "id": str(draft.pk), "title": draft.title, "state": draft.state,
            "state_title": text(f"drafts.states.{draft.state}", lang), "kind": draft.kind,
            "grid": grids[draft.grid_id], "scheme": draft.scheme.key,
            "scheme_title": draft.scheme.title_en if english else draft.scheme.title_zh,
            "author": draft.author_name, "mine": draft.author == actor.user_id, "created_at": draft.created_at,
            "changed_at": draft.changed_at, "step": draft.step, "steps": draft.steps, "last": last.get(draft.pk, ""),
            "levels": _told_levels(draft, levels.get(draft.scheme_id, []), english=english),
            "work": _work(draft), "failure": text(draft.failure, lang) if draft.failure else "", "stale": False,
            "faults": draft.faults, "note": draft.note, "sent_at": draft.sent_at, "sent_by": draft.sent_by,
            "decided_at": draft.decided_at, "decided_by": draft.decided_by, "decision": draft.decision,
            "effective_on": draft.effective_on, "applied_at": draft.applied_at, "may": allowed(actor, draft),
        }
        for draft in drafts
    ]  # fmt: skip


def _levels(schemes: set[int]) -> dict[int, list[Level]]:
    found: dict[int, list[Level]] = {}
    for level in Level.objects.filter(scheme__in=schemes, division="", holds="").order_by("ordinal"):
        found.setdefault(level.scheme_id or 0, []).append(level)
    return found


def _told_levels(draft: Draft, levels: Sequence[Level], *, english: bool) -> list[dict[str, Any]]:
    wished = {one["level"]: one for one in draft.levels}
    return [
        {
            "level": level.key, "title": level.title_en if english else level.title_zh,
            "size": float(wished.get(level.key, {}).get("size", max(level.size, 0))),
            "tolerance": float(wished.get(level.key, {}).get("tolerance", 0.0)),
            "before": int(draft.before.get(level.key, 0)), "after": int(draft.after.get(level.key, 0)),
        }
        for level in levels
        if draft.before.get(level.key) or draft.after.get(level.key) or level.key in wished
    ]  # fmt: skip


def _work(draft: Draft) -> dict[str, Any] | None:
    if draft.state not in WORKING:
        return None
    work = draft.work
    return {
        "stage": work.get("stage", ""), "done": work.get("done", 0), "total": work.get("total", 0),
        "area": work.get("area", ""),
    }  # fmt: skip


def sizes(draft: Draft) -> dict[int, tuple[float, float]]:
    """Wished size and tolerance by level; the pack's size where the draft wishes nothing."""
    wished = {one["level"]: one for one in draft.levels}
    found = {}
    for level in Level.objects.filter(scheme=draft.scheme_id, division="", holds=""):
        one = wished.get(level.key, {})
        size = float(one.get("size", max(level.size, 0)))
        found[level.pk] = (size, float(one.get("tolerance", usual(size))))
    return found


def level_keys(draft: Draft) -> dict[int, str]:
    """The keys of the scheme's levels by id."""
    return dict(Level.objects.filter(scheme=draft.scheme_id).values_list("pk", "key"))


def cells(draft: Draft, *, level: str, parent: str, box: Sequence[float] | None) -> tuple[list[dict[str, Any]], bool]:
    """Cells of a level as GeoJSON features, at most MOST_CELLS; and whether there are more."""
    rows = DraftCell.objects.filter(draft=draft, from_step__lte=draft.step, level__key=level)
    rows = rows.filter(Q(to_step=None) | Q(to_step__gt=draft.step))
    if parent:
        rows = rows.filter(parent=parent)
    if box is not None:
        west, south, east, north = box
        rows = rows.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    columns = ("key", "parent", "level_id", "name", "grid_id", "households", "residents", "wkb")
    found = list(rows.order_by("key").values_list(*columns)[: MOST_CELLS + 1])
    more, found = len(found) > MOST_CELLS, found[:MOST_CELLS]
    today = _today([row[4] for row in found if row[4]])
    below = _children(draft, [row[0] for row in found])
    wished = sizes(draft)
    features = []
    for key, above, at, name, grid, households, residents, wkb in found:
        now = today.get(grid) if grid else None
        size = wished.get(at, (0.0, 0.0))[0]
        about = {
            "key": key, "level": level, "parent": above, "name": name, "code": now[1] if now else "",
            "grid": str(grid) if grid else None, "change": _change(above, name, bytes(wkb), now),
            "households": households, "residents": residents, "children": below.get(key, 0), "size": size,
            "off": round(households / size - 1, 4) if size else None,
        }  # fmt: skip
        features.append(feature(key, bytes(wkb), about))
    return features, more


def feature(key: str, wkb: bytes, about: Mapping[str, Any]) -> dict[str, Any]:
    """One GeoJSON feature."""
    return {
        "type": "Feature", "id": key, "geometry": shapely.geometry.mapping(shapely.from_wkb(wkb)),
        "properties": dict(about),
    }  # fmt: skip


def _today(keys: Sequence[int]) -> dict[int, tuple[int, str, str, bytes]]:
    rows = GridOutline.objects.filter(grid__in=keys, valid_to=None, grid__active=True)
    columns = ("grid_id", "grid__parent_id", "grid__code", "grid__name", "wkb")
    return {row[0]: (row[1], row[2], row[3], bytes(row[4])) for row in rows.values_list(*columns)}


def _change(parent: str, name: str, wkb: bytes, now: tuple[int, str, str, bytes] | None) -> str:
    if now is None or parent != f"g{now[0]}":
        return "new"
    if wkb != now[3]:
        return "redrawn"
    return "same" if name == now[2] else "renamed"


def _children(draft: Draft, keys: Sequence[str]) -> dict[str, int]:
    rows = DraftCell.objects.filter(draft=draft, from_step__lte=draft.step, parent__in=keys)
    found: dict[str, int] = {}
    for parent in rows.filter(Q(to_step=None) | Q(to_step__gt=draft.step)).values_list("parent", flat=True):
        found[parent] = found.get(parent, 0) + 1
    return found


def before(draft: Draft, *, level: str) -> tuple[list[dict[str, Any]], bool]:
    """Today's grids of a level inside the draft's grid as GeoJSON features; and whether there are more."""
    rows = GridOutline.objects.filter(
        valid_to=None, grid__active=True, grid__scheme_id=draft.scheme_id, grid__level__key=level,
        grid__scope_path__gt=draft.scope_path, grid__scope_path__lt=upper_bound(draft.scope_path),
    )  # fmt: skip
    columns = ("grid_id", "grid__name", "grid__code", "grid__households", "wkb")
    found = list(rows.order_by("grid__code").values_list(*columns)[: MOST_CELLS + 1])
    features = [
        feature(str(key), bytes(wkb), {"grid": str(key), "name": name, "code": code, "households": households})
        for key, name, code, households, wkb in found[:MOST_CELLS]
    ]
    return features, len(found) > MOST_CELLS


def report(draft: Draft, lang: Lang) -> dict[str, Any]:
    """What was measured when the draft was drawn. Raises NotDrawn."""
    if draft.report is None:
        raise NotDrawn()
    english = lang == "en"
    side = "en" if english else "zh"
    levels, outside = [], []
    for level in draft.report["levels"]:
        levels.append({**level, "title": level[f"title_{side}"]})
        outside += [{**one, "level": level["level"], "why": one[f"why_{side}"]} for one in level["outside"]]
    findings = [{**one, "text": one[side]} for one in draft.report["findings"]]
    return {**draft.report, "levels": levels, "outside": outside, "findings": findings}


def plan(actor: Actor, grid_id: int, day: datetime) -> dict[str, Any]:
    """What may be drawn inside a grid of the caller's, and what lives there. Raises Forbidden, GridNotFound."""
    may_draw(actor)
    grid = infos([grid_id]).get(grid_id)
    if grid is None or not grid.active or not grid.scope_path.startswith(actor.scope_path):
        raise GridNotFound("grids.errors.not_found")
    homes = surroundings.homes(grid.scope_path)
    inside = Grid.objects.filter(
        active=True, scope_path__gt=grid.scope_path, scope_path__lt=upper_bound(grid.scope_path)
    )
    now = {row["level"]: row["n"] for row in inside.values("level").annotate(n=Count("pk"))}
    depth = dict(Level.objects.filter(scheme__key=grid.scheme or None).values_list("key", "ordinal"))
    english = actor.lang == "en"
    found = []
    for scheme in Scheme.objects.prefetch_related("levels").filter(**({"key": grid.scheme} if grid.scheme else {})):
        own = [
            level for level in sorted(scheme.levels.all(), key=lambda one: one.ordinal)
            if not level.division and not level.holds and (not grid.scheme or level.ordinal > depth[grid.level])
        ]  # fmt: skip
        usuals = [_usual(level, now.get(level.pk, 0), homes) for level in own]
        sized = [0.0 if level.along else size for level, size in zip(own, usuals, strict=True)]
        led = Counter(surroundings.leaders(grid.scope_path, scheme.key, surroundings.day_of(day)).level)
        levels = [
            {
                "level": level.key, "title": level.title_en if english else level.title_zh, "size": size,
                "tolerance": usual(sized[place], sized[place + 1 :]), "grids": now.get(level.pk, 0), "drawable": True,
                "along": level.along, "leaders": led[level.key],
            }
            for place, (level, size) in enumerate(zip(own, usuals, strict=True))
        ]  # fmt: skip
        title = scheme.title_en if english else scheme.title_zh
        found.append({"scheme": scheme.key, "title": title, "levels": levels})
    villages = inside.filter(scheme=None).count()
    return {
        "grid": grid, "schemes": [one for one in found if one["levels"]], "households": int(homes.households.sum()),
        "residents": int(homes.residents.sum()), "buildings": len(homes), "areas": max(1, villages), "may_draw": True,
    }  # fmt: skip


def _usual(level: Level, grids: int, homes: surroundings.Homes) -> float:
    """Households of one grid: what the pack says, else what today's have on average; 0 when nobody knows."""
    if level.size > 0:
        return level.size
    return round(float(homes.households.sum()) / grids, 1) if grids else 0.0


def history(grid_id: int) -> dict[str, Any]:
    """A grid's outlines through time, where it came from and what became of it. Raises GridNotFound. Four queries."""
    grid = infos([grid_id]).get(grid_id)
    if grid is None:
        raise GridNotFound("grids.errors.not_found")
    versions = GridOutline.objects.filter(grid=grid_id).order_by("version")
    origins = GridSuccession.objects.filter(successor=grid_id).order_by("at", "pk")
    heirs = GridSuccession.objects.filter(predecessor=grid_id).order_by("at", "pk")
    return {
        "grid": grid,
        "versions": list(versions.values("version", "valid_from", "valid_to", "area_m2")),
        "came_from": [_succession(row, row.predecessor) for row in origins.select_related("predecessor")],
        "became": [_succession(row, row.successor) for row in heirs.select_related("successor")],
    }


def _succession(row: GridSuccession, other: Grid) -> dict[str, Any]:
    return {
        "grid": str(other.pk), "name": other.name, "code": other.code, "share": row.share, "kind": row.kind,
        "reason": row.reason, "at": row.at,
    }  # fmt: skip


def outline(grid_id: int, version: int | None) -> tuple[GridInfo, int, bytes]:
    """A grid with one version of its outline, the last when none is named. Raises GridNotFound."""
    grid = infos([grid_id]).get(grid_id)
    rows = GridOutline.objects.filter(grid=grid_id).order_by("-version")
    row = (rows.filter(version=version) if version is not None else rows).values_list("version", "wkb").first()
    if grid is None or row is None:
        raise GridNotFound("grids.errors.not_found")
    return grid, row[0], bytes(row[1])
