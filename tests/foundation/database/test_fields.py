"""Encrypted columns: sealed in the table, bound to their row, found by their blind index only."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection
from support.people import ActingAs

from onegrid.foundation.accounts.models import Resident, User
from onegrid.foundation.database.fields import blind, open_cell, seal_cell
from onegrid.foundation.kernel.sealed import CannotOpen

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ONE, TWO = (UUID(int=n) for n in (1, 2))


def resident(key: UUID, phone: str) -> Resident:
    return Resident.objects.create(id=key, phone=phone, name="陈小明", created_at=NOW)


def test_text_is_sealed_in_the_table_and_opened_when_read(acting_as: ActingAs) -> None:
    with acting_as(""):
        made = resident(ONE, "13800001111")
        assert made.phone == "13800001111"
        found = Resident.objects.get(pk=ONE)
        assert (found.phone, found.name) == ("13800001111", "陈小明")
        assert Resident.objects.defer("phone").get(pk=ONE).phone == "13800001111"
        with connection.cursor() as cursor:
            cursor.execute("SELECT phone, name FROM accounts_resident")
            phone, name = cursor.fetchone()
        assert b"1380000" not in bytes(phone)
        assert open_cell(Resident, "name", ONE, bytes(name)) == "陈小明"


def test_rows_with_numbers_are_numbered_before_they_are_sealed(acting_as: ActingAs) -> None:
    with acting_as(""):
        made = User.objects.create(username="a", display_name="a", password="", phone="13800001111")
        assert User.objects.get(pk=made.pk).phone == "13800001111"
        User.objects.create(username="b", display_name="b", password="")


def test_a_value_moved_to_another_row_does_not_open(acting_as: ActingAs) -> None:
    with acting_as(""):
        resident(ONE, "13800001111")
        resident(TWO, "13800002222")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_resident SET phone = (SELECT phone FROM accounts_resident WHERE id = %s)"
                " WHERE id = %s",
                [ONE, TWO],
            )
        with pytest.raises(CannotOpen):
            _ = Resident.objects.get(pk=TWO).phone


def test_search_goes_by_the_blind_index(acting_as: ActingAs) -> None:
    with acting_as(""):
        resident(ONE, "13800001111")
        wanted = blind(Resident, "phone_index", "+86 138-0000-1111")
        assert Resident.objects.get(phone_index=wanted).pk == ONE
        for refused in (lambda: Resident.objects.get(phone="13800001111"),
                        lambda: Resident.objects.update(phone="13800001111")):  # fmt: skip
            with pytest.raises(TypeError, match="is encrypted"):
                refused()


def test_the_index_follows_the_text_and_keeps_to_its_column(acting_as: ActingAs) -> None:
    with acting_as(""):
        made = resident(ONE, "13800001111")
        made.phone = "13800002222"
        made.save()
        assert Resident.objects.filter(phone_index=blind(Resident, "phone_index", "13800002222")).exists()
        assert blind(User, "phone_index", "13800002222") != blind(Resident, "phone_index", "13800002222")


def test_plain_sql_uses_the_same_form(acting_as: ActingAs) -> None:
    with acting_as(""):
        resident(ONE, "13800001111")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_resident SET name = %s", [seal_cell(Resident, "name", ONE, "林")])
        assert Resident.objects.get().name == "林"
