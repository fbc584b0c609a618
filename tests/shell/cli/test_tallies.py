"""`onegrid tallies`: what an operator asks when he doubts a figure."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import transaction
from support.world import TEST_PACKS, plant

from onegrid.cases.flow import intake
from onegrid.cases.flow.intake import Report
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import Tally
from onegrid.foundation.journal.services import tallies
from onegrid.shell.cli import tallies as command

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_check_tells_right_from_wrong_and_rebuild_mends(locality: str, capsys: pytest.CaptureFixture[str]) -> None:
    with in_locality(locality):
        world = plant(TEST_PACKS, locality)
        lon, lat = world.point
        report = Report(key=uuid4(), words="路灯不亮", lon=lon, lat=lat, matter="TL-C0203")
        intake.report(actor=world.resident(), report=report, now=NOW)
        tallies.fold()
        assert command.run(Namespace(what="check", locality=locality)) == 0
        Tally.objects.filter(scope_path="r.", dimension="total").update(reported=5)
        assert command.run(Namespace(what="check", locality=locality)) == 1
        assert command.run(Namespace(what="rebuild", locality=locality)) == 0
        assert command.run(Namespace(what="check", locality=locality)) == 0
        transaction.set_rollback(True)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == said[-1] == "every roll-up equals its rows"
    assert said[1].startswith("r. total 1 2026-03-02 -: too high by [4, 0")
    assert said[-2] == "1 cases counted anew"
