"""No personal value in the open: everybody calls every operation of the registers, with canaries stored and typed.

What is stored leaves only by a reveal or an approved export; what is typed comes back in no error; neither is ever in a
log, an address, or any table of the locality in clear.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from openpyxl import Workbook
from support.people import Api
from support.world import World

from onegrid.county.registers.models import (
    Building,
    Dwelling,
    Household,
    Organisation,
    Premises,
    Resident,
    Stay,
    Tenure,
)
from onegrid.county.registers.rules.kinds import KINDS
from onegrid.county.registers.services import search
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality
from onegrid.shell.config.api import api as the_api

NOW = datetime.now(UTC)
OURS = re.compile(r"/(register|care|returnees|resident/(register|returnees))(/|\Z)")
STORED = {
    "name": "金丝雀子", "birth_date": "1991-07-19", "id_number": "350199199107190010", "phone": "19000004711",
    "contact": "白头翁丑", "shop_phone": "19000004712", "owner": "画眉鸟寅", "owner_phone": "19000004713",
}  # fmt: skip
TYPED = {
    "name": "布谷鸟卯", "birth_date": "1992-08-21", "id_number": "350199199208210029", "phone": "19000004714",
    "contact": "啄木鸟辰", "words": "布谷鸟卯",
}  # fmt: skip
WHOLE = {"reveal_record", "reveal_resident", "download_export"}
"""Operations that may tell a whole value, once they have written down why."""
OWN = {"read_own_register", "link_own_register"}


@pytest.fixture
def rows(world: World, locality: str) -> dict[str, int]:
    """One row of each kind in the worker's grid, each with canaries where it can have any."""
    with in_locality(locality):
        scope = world.staff("worker").scope_path
        leaf = next(one for one in world.leaves if one.scope_path.startswith(scope))
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        path = {"scope_path": leaf.scope_path}
        told = {"contact": STORED["contact"], "phone": STORED["shop_phone"]}
        building = Building.objects.create(name="前街1号", code="B1", lon=leaf.lon, lat=leaf.lat, units=2, **place)
        dwelling = Dwelling.objects.create(
            building=building, label="1单元101", unit="1", floor=1, room="101", use="let", **place
        )
        home = Household.objects.create(dwelling=dwelling, number="H1", people=1, **place)
        resident = Resident.objects.create(
            household=home, name=STORED["name"], sex=1, birth_year=1991, birth_date=STORED["birth_date"],
            id_kind="id_card", id_number=STORED["id_number"], phone=STORED["phone"], relation="head",
            registered="local", since=date(2020, 1, 1), **path,
        )  # fmt: skip
        Stay.objects.create(resident=resident, dwelling=dwelling, household=home.pk, until=date(2021, 1, 1), **path)
        Tenure.objects.create(
            dwelling=dwelling, role="owner", name=STORED["owner"], phone=STORED["owner_phone"], **path
        )
        firm = Organisation.objects.create(name="如意有限公司", kind="enterprise", **told, **place)
        shop = Premises.objects.create(
            building=building, name="如意面馆", code="P1", organisation=firm, **told, **place
        )
        search.remember([resident, building, shop, firm])
    made = (resident, home, dwelling, building, shop, firm)
    return {kind: int(row.pk) for kind, row in zip(KINDS, made, strict=True)}


@pytest.fixture
def people(world: World, locality: str) -> dict[str, Api]:
    """Everybody who could ask, and nobody."""
    found = {"nobody": Api(locality)}
    with in_locality(locality):
        actors = {
            "worker": world.staff("worker"),
            "secretary": world.staff("leader"),
            "county": world.staff("dispatcher", scope="r."),
            "administrator": world.staff("administrator"),
            "officer": world.officer("UM"),
        }
        for name, actor in actors.items():
            found[name] = Api(locality)
            found[name].token = keys.make(user_id=actor.user_id, kind="token", label="t", now=NOW)[1]
    return found


Operation = tuple[str, str, str, dict[str, Any]]


def operations() -> Iterator[Operation]:
    """Method, path, name and description of every operation of the registers."""
    for path, methods in the_api.get_openapi_schema(path_prefix="")["paths"].items():
        if OURS.search(path):
            for method, told in methods.items():
                yield method.upper(), path, told["operationId"], told


def body_of(told: dict[str, Any], components: dict[str, Any], rows: dict[str, int]) -> Any:
    """A body as the document wants it, filled with what was typed."""
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    return value_of(schema, "", components, rows)


def value_of(schema: dict[str, Any], name: str, components: dict[str, Any], rows: dict[str, int]) -> Any:
    if "$ref" in schema:
        return value_of(components[schema["$ref"].rsplit("/", 1)[-1]], name, components, rows)
    for together in ("anyOf", "allOf", "oneOf"):
        if together in schema:
            some = [one for one in schema[together] if one.get("type") != "null"]
            return value_of(some[0], name, components, rows) if some else None
    if name in TYPED:
        return TYPED[name]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {key: value_of(one, key, components, rows) for key, one in schema["properties"].items()}
        case "object":
            return dict(TYPED) if name in ("wanted", "values", "seen") else {}
        case "array":
            return [value_of(schema.get("items", {}), name, components, rows)]
        case "integer" | "number":
            return rows["residents"]
        case "boolean":
            return True
    if schema.get("format") == "uuid":
        return str(uuid4())
    if schema.get("format") in ("date", "date-time"):
        return NOW.isoformat() if schema["format"] == "date-time" else "2026-01-05"
    return {"purpose": "help", "source": "desk", "on": "2026-01-05"}.get(name, "残疾人补贴")


def spoilt(value: Any) -> Any:
    """The same shape with a number that was typed wherever something else is wanted, in reasons and notes too."""
    if isinstance(value, dict):
        return {key: spoilt(one) for key, one in value.items()}
    if isinstance(value, list):
        return [spoilt(one) for one in value]
    return TYPED["id_number"]


def addresses(path: str, rows: dict[str, int]) -> list[str]:
    """The path for every row it can speak of."""
    filled = path.replace("{grid_id}", "1").replace("{helper}", "1")
    if "{kind}" in filled:
        return [filled.replace("{kind}", kind).replace("{id}", str(rows[kind])) for kind in KINDS]
    for kind in KINDS:
        if f"/{kind}/" in filled:
            return [filled.replace("{id}", str(rows[kind]))]
    return [filled.replace("{id}", str(rows["residents"]))]


def test_no_operation_takes_a_personal_value_in_its_address() -> None:
    taken = {
        parameter["name"]
        for _, _, _, told in operations()
        for parameter in told.get("parameters", [])
        if parameter["in"] in ("query", "path")
    }
    assert taken & {"q", "words", "name", "phone", "id_number", "id_tail", "birth_date", "contact"} == set()


def test_nothing_personal_in_answers_errors_logs_addresses_or_tables(
    rows: dict[str, int], people: dict[str, Api], locality: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    components = the_api.get_openapi_schema(path_prefix="")["components"]["schemas"]
    stored, typed = set(STORED.values()), set(TYPED.values())
    answered: dict[int, int] = {}
    leaks: list[str] = []
    for method, path, name, told in sorted(operations(), key=order):
        content = told.get("requestBody", {}).get("content", {})
        for address in addresses(path, rows):
            for who, api in people.items():
                bodies: list[Any] = [None]
                if "application/json" in content:
                    whole = body_of(told, components, rows)
                    bodies = [spoilt(whole), whole]
                for body in bodies:
                    answer = api.get(address) if method == "GET" else api.post(address, body)
                    status = answer.status_code
                    answered[status // 100] = answered.get(status // 100, 0) + 1
                    said = answer.content.decode("utf-8", "replace") + str(dict(answer.headers))
                    assert status < 500, f"{who} {name}: {status} {said[:300]}"
                    if name not in WHOLE or status >= 400:
                        leaks += [f"{who} {name} {status} tells what is stored: {key}" for key in told_of(said, STORED)]
                    if status >= 400 and status != 409:
                        leaks += [
                            f"{who} {name} {status} repeats what was typed: {key}" for key in told_of(said, TYPED)
                        ]
    assert leaks == []
    assert answered[2] > 50
    assert answered[4] > 200
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert [line for line in lines if any(word in line for word in stored | typed)] == []
    assert in_clear(locality, stored | typed) == []


def order(one: Operation) -> tuple[bool, bool, str]:
    """Reading first, and last what leaves nothing to read."""
    return one[2] in ("erase_resident", "depart_residents", "visit_door"), one[0] != "GET", one[1]


def told_of(said: str, words: dict[str, str]) -> list[str]:
    """Which of the values a text tells, as they are or as JSON writes them."""
    escaped = {key: value.encode("unicode_escape").decode() for key, value in words.items()}
    return [key for key, value in words.items() if value in said or escaped[key] in said]


def in_clear(locality: str, words: set[str]) -> list[str]:
    """Rows of whatever table that hold one of the words, as any column shows it."""
    found = []
    with in_locality(locality, "demo"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for (table,) in cursor.fetchall():
            for word in words:
                cursor.execute(f'SELECT t::text FROM "{table}" t WHERE t::text LIKE %s', [f"%{word}%"])
                found += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return found


@pytest.mark.parametrize("name", ["residents.csv", "residents.xlsx"])
def test_a_file_with_bad_rows_tells_them_masked(
    name: str, rows: dict[str, int], people: dict[str, Api], locality: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Every cell of a person is bad in some row: preview, problems, report and book of the run show masks only."""
    caplog.set_level(logging.DEBUG)
    head = ["楼栋编号", "单元", "房号", "姓名", "性别", "出生日期", "证件号码", "联系电话"]
    wrong = TYPED["id_number"][:-1] + "0"
    lines = [
        head,
        ["B1", "1", "101", TYPED["name"], "男", TYPED["birth_date"], wrong, TYPED["phone"]],
        ["B1", "1", "101", TYPED["name"] + "9", "女", TYPED["birth_date"], TYPED["id_number"], TYPED["phone"] + "00"],
        ["没有的楼", "1", "101", TYPED["contact"], "女", "1993-02-30", "", "4714"],
    ]
    api = people["county"]
    answer = api.client.post(
        f"/{locality}/api/v1/register/imports",
        {"file": SimpleUploadedFile(name, file_of(name, lines)), "kind": "residents", "key": str(uuid4())},
        headers={"Authorization": f"Bearer {api.token}", "Accept-Language": "zh-CN"},
    )
    assert answer.status_code in (200, 201), answer.content
    run = answer.json()["id"]
    said = [answer.content]
    mapping = {key: value for key, value in (answer.json().get("mapping") or {}).items() if value}
    said.append(api.post(f"/register/imports/{run}/mapping", {"mapping": mapping}).content)
    shown = api.post(f"/register/imports/{run}/preview")
    assert shown.status_code == 200, shown.content
    said += [shown.content, api.get(f"/register/imports/{run}").content, api.get("/register/imports").content]
    text = b"\n".join(said).decode()
    assert told_of(text, {**TYPED, "wrong": wrong}) == []
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert [line for line in logged if any(word in line for word in (*TYPED.values(), wrong))] == []
    assert in_clear(locality, {*TYPED.values(), wrong}) == []


def file_of(name: str, lines: list[list[str]]) -> bytes:
    if name.endswith(".csv"):
        return "\r\n".join(",".join(line) for line in lines).encode("gb18030")
    book, out = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(out)
    return out.getvalue()
