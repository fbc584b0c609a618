"""Migrations that change rows, run as on a county that upgrades: by a connection that has no scope yet."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from support.people import ActingAs
from support.steps import do, file
from support.world import World

from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor

updates = import_module("onegrid.cases.migrations.0003_updates")


def suspended(world: World, actor: Actor, **said: Any) -> UUID:
    """A case put off, until a day when one is said."""
    case = file(world, actor, channel="desk")
    do(actor, case, "accept")
    do(actor, case, "suspend", reason="weather", **said)
    return case


def test_a_suspended_case_gets_its_day(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        dispatcher = world.staff("dispatcher", scope="r.")
        dated, open_ended = suspended(world, dispatcher, until="2026-03-10"), suspended(world, dispatcher)
        Case.objects.update(resume_on=None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('onegrid.scope', '', true)")
            cursor.execute("SELECT count(*) FROM cases_case")
            assert cursor.fetchone() == (0,), "without a scope nothing is seen"
        with connection.schema_editor(atomic=False) as editor:
            updates.give_days(apps, editor)
        assert Case.objects.get(pk=dated).resume_on == date(2026, 3, 10)
        assert Case.objects.get(pk=open_ended).resume_on is None
