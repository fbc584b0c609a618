"""A world laid out again is the world that was planted: the same rows, the same people, the next id a fresh one."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from support import planted as kept
from support.world import TEST_PACKS, World

from onegrid.county.grids.models import Grid
from onegrid.foundation.database.context import in_locality


def test_the_second_is_the_first(locality: str) -> None:
    kept.begin_anew()
    with in_locality(locality):
        worlds, rows = list[World](), list[dict[str, str]]()
        for _ in range(2):
            mark = transaction.savepoint()
            worlds.append(kept.planted(TEST_PACKS, "testland"))
            rows.append(kept._read())
            if len(worlds) == 1:
                transaction.savepoint_rollback(mark)
        assert rows[0] == rows[1]
        assert {"grids_grid", "grids_gridoutline", "matters_matter", "workforce_appointment"} <= rows[0].keys()
        first, second = worlds
        assert [asdict(one) for one in first.people] == [asdict(one) for one in second.people]
        assert (first.planted, first.leaves) == (second.planted, second.leaves)
        assert first.people is not second.people
        known = set(Grid.objects.values_list("pk", flat=True))
        village = Grid.objects.order_by("pk").first()
        assert village is not None
        village.pk, village.code, village.scope_path = None, "of the second", "r.x."
        village.save(force_insert=True)
        assert village.pk not in known
        assert second.officer("UM").department_id == first.officer("UM").department_id
