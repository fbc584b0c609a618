"""When a grid is split or merged, what hangs on its board hangs on the boards of those that took it over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import shapely
from support.people import ActingAs
from support.world import World

from onegrid.county.grids.models import GridOutline
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.services import redraw
from onegrid.county.grids.services.redraw import Part
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.journal.models import Outbox
from onegrid.foundation.journal.services import outbox
from onegrid.programmes.community import selectors, services
from onegrid.programmes.community.models import Notice
from onegrid.programmes.community.rules import Draft
from onegrid.shell.wiring import HANDLERS

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
PATTERN = CodePattern((3, 2))


@pytest.fixture
def secretary(world: World) -> Actor:
    """With the hat the world gave him."""
    return world.staff("secretary")


def put_up(world: World, actor: Actor, acting_as: ActingAs, **other: object) -> UUID:
    hats = workforce.hats_at(actor.user_id or 0, NOW)
    author = replace(actor, hats=tuple(hats), hat_id=hats[0].id)
    said = {"key": uuid4(), "grid": str(world.leaf.id), "title": "停水", "body": "明早", "for_residents": True, "for_staff": True}  # fmt: skip  # noqa: E501
    draft = Draft(**{**said, **other})  # type: ignore[arg-type]
    services.publish(actor=author, draft=draft, now=NOW)
    return draft.key


def deliver(times: int = 1) -> None:
    for row in Outbox.objects.filter(topic="grids.replaced").order_by("id"):
        event = outbox.Event(row.pk, row.topic, row.payload, row.created_at, 1)
        for _ in range(times):
            for handler in HANDLERS[row.topic]:
                handler(event, LATER)


def board(lon: float, lat: float) -> list[str]:
    return [one["title"] for one in selectors.here((lon, lat), lang="zh-CN", now=LATER)]


def test_it_hangs_wherever_its_people_are_now(world: World, secretary: Actor, acting_as: ActingAs) -> None:
    with acting_as():
        shown = put_up(world, secretary, acting_as)
        put_up(world, secretary, acting_as, title="过期", valid_to=NOW + timedelta(days=1))
        leaf = world.leaf
        outline = shapely.from_wkb(bytes(GridOutline.objects.get(grid_id=leaf.id, valid_to=None).wkb))
        west, south, east, north = outline.bounds
        middle = (west + east) / 2
        parts = [
            Part("西半", shapely.box(west, south, middle, north), 2),
            Part("东半", shapely.box(middle, south, east, north), 3),
        ]
        event = redraw.split(leaf.id, parts, reason="太大", pattern=PATTERN, now=LATER)
        assert board((west + middle) / 2, north - 1e-6) == []
        deliver(times=2)
        assert board((west + middle) / 2, (south + north) / 2) == ["停水"]
        assert board((middle + east) / 2, (south + north) / 2) == ["停水"]
        old = Notice.objects.get(pk=shown)
        assert old.withdrawn_at == LATER and old.withdrawn_reason
        copies = Notice.objects.filter(scope_path__in=event.successors)
        assert {(one.title, one.body, one.author_id, one.valid_from) for one in copies} == {
            (old.title, old.body, old.author_id, old.valid_from)
        }
        assert copies.count() == 2

        keys = sorted(copies.values_list("grid_id", flat=True))
        redraw.merge(keys, name="又合", reason="太小", pattern=PATTERN, now=LATER)
        deliver()
        assert board((west + middle) / 2, (south + north) / 2) == ["停水"]
