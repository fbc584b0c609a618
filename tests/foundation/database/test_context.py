"""Standing: set at BEGIN, gone at the end, restored when nested; row-level security behind it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from support.people import ActingAs

from onegrid.foundation.database.context import Standing, acting, standing, widened
from onegrid.foundation.journal.models import Tally
from onegrid.foundation.journal.services import tally_sql
from onegrid.foundation.kernel.errors import NoStanding

DAY = "2026-03-02"


def add(path: str) -> None:
    """A protected row at `path`."""
    counts = dict.fromkeys(tally_sql.MEASURES, 1)
    Tally.objects.create(scope_path=path, dimension="total", span=1, day=DAY, key="", **counts)


def paths() -> list[str]:
    """What the present standing sees, by plain SQL: layer B alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT scope_path FROM journal_tally ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def settings_now() -> tuple[str, ...]:
    """Scope, role and path as the server has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('onegrid.scope', true), current_user, current_setting('search_path')")
        return tuple(cursor.fetchone())


@pytest.fixture
def tree(acting_as: ActingAs) -> None:
    with acting_as():
        for path in ("r.", "r.1.", "r.1.2.", "r.1z.", "r.2."):
            add(path)


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("scope", "seen"),
    [("r.", ["r.", "r.1.", "r.1.2.", "r.1z.", "r.2."]), ("r.1.", ["r.1.", "r.1.2."]), ("r.1.2.", ["r.1.2."]), ("", [])],
)
def test_a_scope_is_its_subtree_in_both_layers(acting_as: ActingAs, scope: str, seen: list[str]) -> None:
    with acting_as(scope):
        assert paths() == seen
        assert sorted(Tally.objects.values_list("scope_path", flat=True)) == seen


@pytest.mark.usefixtures("locality")
def test_the_manager_raises_without_a_standing() -> None:
    with pytest.raises(NoStanding):
        Tally.objects.count()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_no_table_is_found() -> None:
    with pytest.raises(ProgrammingError, match="does not exist"):
        paths()


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_on_the_connection() -> None:
    with acting(Standing("testland", "r.", "department", "d.1.")):
        assert settings_now() == ("r.", "onegrid_department", '"testland"')
    assert settings_now() == ("", "onegrid_app", "public")
    with transaction.atomic():
        assert settings_now()[0] == ""


@pytest.mark.usefixtures("tree")
def test_writing_outside_the_scope_is_refused(acting_as: ActingAs) -> None:
    with acting_as("r.1."):
        for statement in (
            'INSERT INTO journal_tally SELECT (jsonb_populate_record(t, \'{"scope_path": "r.2."}\')).*'
            " FROM journal_tally t WHERE scope_path = 'r.1.'",
            "UPDATE journal_tally SET scope_path = 'r.2.x.' WHERE scope_path = 'r.1.'",
        ):
            with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            assert getattr(caught.value.__cause__, "sqlstate", "") == "42501"
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM journal_tally WHERE scope_path = 'r.2.'")
            assert cursor.rowcount == 0


def test_widened_is_named_and_restored(acting_as: ActingAs) -> None:
    with acting_as("r.1.", role="resident", person="0195d3c0-0000-7000-8000-000000000000"):
        with widened("intake"):
            assert settings_now() == ("r.", "onegrid_app", '"testland"')
            assert standing().reason == "intake"
        assert settings_now() == ("r.1.", "onegrid_resident", '"testland"')
        with pytest.raises(ValueError, match="not a known reason"), widened("curiosity"):
            pass


def test_widened_survives_errors_of_the_database(acting_as: ActingAs) -> None:
    with acting_as("r.1."):
        with pytest.raises(DatabaseError), transaction.atomic(), widened("intake"), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        assert settings_now()[0] == "r.1."
        with pytest.raises(RuntimeError), transaction.atomic(), widened("intake"):
            raise RuntimeError
        assert settings_now()[0] == "r.1."


def test_a_nested_standing_returns_to_the_outer_one(acting_as: ActingAs) -> None:
    with acting_as("r.1."):
        with acting_as("", locality="otherland"):
            assert settings_now() == ("", "onegrid_app", '"otherland"')
        with pytest.raises(RuntimeError), acting_as("r.1.2."):
            raise RuntimeError
        assert settings_now() == ("r.1.", "onegrid_app", '"testland"')


def test_the_app_cannot_read_an_injected_locality() -> None:
    for name in ('x", public', "Minhou", "", "pg_catalog;"):
        with pytest.raises(ValueError, match="cannot be the name"):
            Standing(name, "r.")
    with pytest.raises(ValueError, match="ends with a dot"):
        Standing("testland", "r.1")


def test_the_past_cannot_be_changed(acting_as: ActingAs) -> None:
    with acting_as():
        for statement in ("UPDATE journal_auditrow SET action = ''", "DELETE FROM journal_seal"):
            with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            assert getattr(caught.value.__cause__, "sqlstate", "") == "42501"


def _ask_and_fail(scope: str) -> None:
    with acting(Standing(standing().locality, scope)):
        assert paths() == (["r.2."] if scope == "r.2." else ["r.1.", "r.1.2."])
        raise LookupError


@pytest.mark.usefixtures("tree")
def test_a_rolled_back_savepoint_leaves_no_other_standing_behind(acting_as: ActingAs) -> None:
    """The first question under the inner scope is asked inside the savepoint; its rollback takes the settings along."""
    with acting_as("r.1."):
        for scope in ("r.2.", "r.1."):
            with pytest.raises(LookupError):
                _ask_and_fail(scope)
            assert paths() == ["r.1.", "r.1.2."]


@pytest.mark.usefixtures("tree")
def test_a_standing_nobody_asked_under_is_never_told(acting_as: ActingAs) -> None:
    with acting_as("r.1."):
        assert settings_now()[0] == "r.1."
        with widened("locate"), widened("hats"):
            pass
        assert settings_now()[0] == "r.1."
        with widened("locate"):
            assert settings_now()[0] == "r."
        assert settings_now()[0] == "r.1."
