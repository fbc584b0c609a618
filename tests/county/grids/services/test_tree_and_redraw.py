"""Growing the tree and redrawing it, in a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import shapely

from onegrid.county.grids import selectors, tiles
from onegrid.county.grids.errors import DoesNotTile, GridNotFound, HasChildren, NotSiblings
from onegrid.county.grids.models import Grid, GridOutline, GridSuccession, Level, Scheme
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.selectors import places
from onegrid.county.grids.services import redraw, tree
from onegrid.county.grids.services.redraw import Part
from onegrid.county.grids.services.tree import GridDraft, Planted
from onegrid.foundation.database.context import in_locality

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PATTERN = CodePattern((3, 2))


def square(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """In hundredths of a degree east and north of 119, 26."""
    return shapely.box(119 + west / 100, 26 + south / 100, 119 + east / 100, 26 + north / 100)


@pytest.fixture
def planted(locality: str) -> list[Planted]:
    """A county of one village with four zones in a square, the north-west one cut into two teams."""
    places.forget()
    tiles.forget()
    with in_locality(locality):
        scheme = Scheme.objects.create(key="main", title_zh="网格", title_en="Grids", ordinal=0)
        county, village = (
            Level.objects.create(scheme=None, key=key, title_zh=key, title_en=key, ordinal=at)
            for at, key in enumerate(("county", "village"))
        )
        zone, team = (
            Level.objects.create(scheme=scheme, key=key, title_zh=key, title_en=key, ordinal=at)
            for at, key in enumerate(("zone", "team"))
        )
        whole = square(0, 0, 4, 4)
        drafts = [
            GridDraft("县", county.pk, None, None, whole, 100, "990101"),
            GridDraft("村", village.pk, None, 0, whole, 100, "990101001001"),
            GridDraft("东南", zone.pk, scheme.pk, 1, square(2, 0, 4, 2), 10),
            GridDraft("西北", zone.pk, scheme.pk, 1, square(0, 2, 2, 4), 40),
            GridDraft("东北", zone.pk, scheme.pk, 1, square(2, 2, 4, 4), 20),
            GridDraft("西南", zone.pk, scheme.pk, 1, square(0, 0, 2, 2), 30),
            GridDraft("左队", team.pk, scheme.pk, 3, square(0, 2, 1, 4), 20, None, 1),
            GridDraft("右队", team.pk, scheme.pk, 3, square(1, 2, 2, 4), 20, None, 1),
        ]
        return tree.plant(drafts, pattern=PATTERN, now=NOW)


def test_codes_run_from_the_north_west_row_by_row(planted: list[Planted]) -> None:
    codes = [made.code for made in planted]
    village = "990101001001"
    assert codes[0] == "990101000000"
    assert codes[1] == village
    assert codes[2:6] == [f"{village}{number:03d}" for number in (4, 1, 2, 3)]
    assert codes[6:] == [f"{village}00101", f"{village}00102"]


def test_paths_grow_from_the_root(planted: list[Planted], locality: str) -> None:
    assert planted[0].scope_path == "r."
    for child, parent in ((1, 0), (2, 1), (6, 3)):
        assert planted[child].scope_path.startswith(planted[parent].scope_path)
        assert planted[child].scope_path != planted[parent].scope_path
    with in_locality(locality):
        assert [info.name for info in selectors.chain(planted[6].scope_path)] == ["县", "村", "西北", "左队"]
        assert [info.name for info in selectors.children(planted[1].id)] == ["西北", "东北", "西南", "东南"]
        assert len(selectors.subtree(planted[3].scope_path)) == 3


def test_a_point_finds_its_grids_and_a_changed_map_is_seen_at_once(planted: list[Planted], locality: str) -> None:
    with in_locality(locality):
        version = selectors.map_version()
        found = selectors.locate(119.025, 26.005)
        assert [info.name for info in found.chains[0].grids] == ["县", "村", "东南"]
        parts = [Part("东南上", square(2, 1, 4, 2), 4), Part("东南下", square(2, 0, 4, 1), 6)]
        redraw.split(planted[2].id, parts, reason="太大", pattern=PATTERN, now=NOW + timedelta(days=1))
        assert selectors.map_version() == version + 1
        assert selectors.locate(119.025, 26.005).leaf.name == "东南下"
        with pytest.raises(Exception, match="nowhere"):
            selectors.locate(118.0, 26.0)


def test_a_split_keeps_history(planted: list[Planted], locality: str) -> None:
    later = NOW + timedelta(days=1)
    with in_locality(locality):
        parts = [Part("甲", square(2, 0, 3, 2)), Part("乙", square(3, 0, 4, 2))]
        event = redraw.split(planted[2].id, parts, reason="太大", pattern=PATTERN, now=later)
        assert event.retired == (planted[2].scope_path,)
        old = Grid.objects.get(pk=planted[2].id)
        assert (old.active, old.code, old.scope_path) == (False, planted[2].code, planted[2].scope_path)
        assert GridOutline.objects.get(grid=old).valid_to == later
        new = Grid.objects.filter(scope_path__in=event.successors).order_by("name")
        assert sorted(grid.code[-3:] for grid in new) == ["005", "006"]
        assert [round(row.share, 3) for row in GridSuccession.objects.filter(predecessor=old)] == [0.5, 0.5]
        assert redraw.today(old.pk) == [(grid.pk, pytest.approx(0.5, abs=1e-3)) for grid in new.order_by("pk")]
        merged = redraw.merge([grid.pk for grid in new], name="丙", reason="又合", pattern=PATTERN, now=later)
        [(today, share)] = redraw.today(old.pk)
        assert Grid.objects.get(pk=today).scope_path == merged.successors[0]
        assert share == pytest.approx(1.0)


@pytest.mark.parametrize(
    "outlines",
    [
        [square(2, 0, 3, 2)],
        [square(2, 0, 3.5, 2), square(3, 0, 4, 2)],
        [square(2, 0, 3, 2), square(3, 0, 4, 2.2)],
    ],
    ids=["gap", "overlap", "outside"],
)
def test_parts_that_do_not_tile_are_refused_and_change_nothing(
    planted: list[Planted], locality: str, outlines: list[shapely.Geometry]
) -> None:
    with in_locality(locality):
        version = selectors.map_version()
        parts = [Part(str(at), outline) for at, outline in enumerate(outlines)]
        with pytest.raises(DoesNotTile) as refusal:
            redraw.split(planted[2].id, parts, reason="x", pattern=PATTERN, now=NOW)
        assert refusal.value.extra["faults"]
        assert selectors.map_version() == version
        assert Grid.objects.get(pk=planted[2].id).active


def test_redrawing_a_border_keeps_keys_and_makes_versions(planted: list[Planted], locality: str) -> None:
    later = NOW + timedelta(days=2)
    with in_locality(locality):
        redraw.redraw({planted[2].id: square(1.5, 0, 4, 2), planted[5].id: square(0, 0, 1.5, 2)}, now=later)
        assert selectors.locate(119.018, 26.01).leaf.id == planted[2].id
        versions = GridOutline.objects.filter(grid_id=planted[2].id).order_by("version")
        assert [(row.version, row.valid_to) for row in versions] == [(1, later), (2, None)]
        with pytest.raises(DoesNotTile):
            redraw.redraw({planted[2].id: square(1, 0, 4, 2)}, now=later)


def test_what_cannot_be_redrawn_says_so(planted: list[Planted], locality: str) -> None:
    with in_locality(locality):
        with pytest.raises(HasChildren):
            redraw.split(planted[3].id, [Part("x", square(0, 2, 2, 4))], reason="x", pattern=PATTERN, now=NOW)
        with pytest.raises(NotSiblings):
            redraw.merge([planted[2].id, planted[6].id], name="x", reason="x", pattern=PATTERN, now=NOW)
        with pytest.raises(GridNotFound):
            redraw.merge([planted[2].id, 10**9], name="x", reason="x", pattern=PATTERN, now=NOW)


def test_tiles_follow_the_map_and_are_kept(planted: list[Planted], locality: str) -> None:
    z, x, y = 13, 6804, 3482
    with in_locality(locality):
        assert tiles.tile("grids", z, x, y) is tiles.tile("grids", z, x, y)
        before = tiles.tile("grids", z, x, y)
        assert before
        redraw.redraw({planted[2].id: square(1.5, 0, 4, 2), planted[5].id: square(0, 0, 1.5, 2)}, now=NOW)
        assert tiles.tile("grids", z, x, y) != before
        assert tiles.tile("grids", z, 0, 0) == b""
        assert tiles.tile("grids", z, -1, 0) == b""
        assert tiles.tile("base", 30, 1, 1) == b""
