"""`together`: a migration's operations on one picture of the models, the same models and tables as one by one."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.database.migrations import together

STEPS: list[Operation] = [
    migrations.CreateModel("Town", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]),
    migrations.CreateModel(
        "House",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("town", models.ForeignKey("trial.town", models.CASCADE, related_name="houses")),
        ],
    ),
    migrations.AddField("town", "first", models.ForeignKey("trial.house", models.CASCADE, null=True)),
    migrations.AddIndex("town", models.Index(fields=["name"], name="trial_town_name")),
    migrations.RunSQL("SELECT 1", "SELECT 1"),
    migrations.AlterField("town", "name", models.TextField(db_collation="C")),
    migrations.RemoveField("house", "town"),
]


def walk(steps: list[Operation], state: ProjectState) -> ProjectState:
    """The state after all of them, drawn from the beginning as `migrate` does."""
    assert state.apps
    for step in steps:
        step.state_forwards("trial", state)
    return state


def test_steps_of_sql_and_python_part_the_groups() -> None:
    first, sql, last = together(STEPS)
    assert sql is STEPS[4]
    assert first.describe() == "; ".join(step.describe() for step in STEPS[:4])
    assert "; " in last.describe()


def test_the_models_are_those_of_one_by_one() -> None:
    alone, grouped = walk(STEPS, ProjectState()), walk(together(STEPS), ProjectState())
    assert grouped == alone
    for name in ("town", "house"):
        mine, other = grouped.apps.get_model("trial", name), alone.apps.get_model("trial", name)
        assert [field.name for field in mine._meta.get_fields()] == [field.name for field in other._meta.get_fields()]
        for field in mine._meta.get_fields():
            if field.is_relation:
                assert field.related_model is grouped.apps.get_model("trial", field.related_model._meta.model_name)


@pytest.mark.django_db
def test_tables_are_made_in_order_and_dropped_the_other_way_round(locality: str) -> None:
    before = walk([], ProjectState())
    (both,) = together(STEPS[:2])
    after = walk([both], before.clone())
    with in_locality(locality), connection.schema_editor(collect_sql=True) as made:
        both.database_forwards("trial", made, before, after)
    with in_locality(locality), connection.schema_editor(collect_sql=True) as dropped:
        both.database_backwards("trial", dropped, after, before)
    forwards, backwards = "\n".join(made.collected_sql), "\n".join(dropped.collected_sql)
    assert 0 <= forwards.index('CREATE TABLE "trial_town"') < forwards.index('CREATE TABLE "trial_house"')
    assert 0 <= backwards.index('DROP TABLE "trial_house"') < backwards.index('DROP TABLE "trial_town"')
