"""GeoReport v2 call by call, in both formats."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from support.people import ActingAs
from support.world import World

from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Case, CaseReporter
from onegrid.cases.selectors import detail

from .conftest import Endpoint, tree


def error_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code >= 400
    body = answer.json()
    assert isinstance(body, list)
    assert all(set(one) == {"code", "description"} and all(one.values()) for one in body)
    return body


def test_discovery_in_both_formats(endpoint: Endpoint) -> None:
    found = endpoint.get("discovery.json").json()
    assert len(found["endpoints"]) >= 2
    assert all(one["formats"] == ["text/xml", "application/json"] for one in found["endpoints"])
    assert all(one["url"].endswith(f"/{endpoint.locality}/open311/v2") for one in found["endpoints"])
    root = tree(endpoint.get("discovery.xml"))
    assert root.tag == "discovery"
    assert [one.text for one in root.findall("endpoints/endpoint/type")] == ["production", "production"]
    assert len(root.findall("endpoints/endpoint/formats/format")) == 4


def test_services_are_the_public_matters_only(endpoint: Endpoint) -> None:
    found = {one["service_code"]: one for one in endpoint.get("services.json").json()}
    assert {"TL-C0101", "TL-C0203", "TL-E0102"} <= set(found)
    assert not {"TL-D01", "TL-D02", "TL-P01", "TL-V01", "TL-S01"} & set(found)
    assert found["TL-C0101"]["metadata"] is True
    assert found["TL-C0203"]["metadata"] is False
    assert all(one["type"] == "realtime" and all(value != "" for value in one.values()) for one in found.values())
    root = tree(endpoint.get("services.xml"))
    assert root.tag == "services"
    assert {one.findtext("metadata") for one in root} == {"true", "false"}


def test_names_follow_the_readers_language(endpoint: Endpoint) -> None:
    endpoint.lang = "zh-CN"
    assert "路灯不亮" in {one["service_name"] for one in endpoint.get("services.json").json()}


def test_definition_offers_the_conditions(endpoint: Endpoint) -> None:
    found = endpoint.get("services/TL-C0101.json").json()
    (attribute,) = found["attributes"]
    assert attribute["datatype"] == "singlevaluelist"
    assert [one["name"] for one in attribute["values"]] == ["The cover is missing", "The cover is broken"]
    root = tree(endpoint.get("services/TL-C0101.xml"))
    assert root.tag == "service_definition"
    assert len(root.findall("attributes/attribute/values/value")) == 2
    assert endpoint.get("services/nothing.json").status_code == 404
    assert tree(endpoint.get("services/TL-P01.xml")).findtext("error/code") == "404"


def test_a_report_becomes_a_case(endpoint: Endpoint, acting_as: ActingAs) -> None:
    number = endpoint.number(first_name="三", last_name="张", phone="13800001111", account_id="acc-1")
    with acting_as():
        case = Case.objects.get(number=number)
        assert (case.channel, case.words, case.matter and case.matter.code) == ("open311", "路灯不亮，很黑", "TL-C0203")
        reporter = CaseReporter.objects.get(case=case)
        assert (reporter.phone, reporter.name) == ("13800001111", "张 三")
    (row,) = endpoint.get(f"requests/{number}.json").json()
    assert row["status"] == "open"
    assert row["description"] == "路灯不亮，很黑"
    assert isinstance(row["service_request_id"], str)
    assert row["requested_datetime"].endswith("Z")
    assert "." not in row["requested_datetime"]
    assert all(value not in ("", None) for value in row.values())
    assert not {"13800001111", "张 三"} & set(map(str, row.values()))


def test_the_answer_is_xml_when_asked(endpoint: Endpoint) -> None:
    body = {"api_key": endpoint.key, "service_code": "TL-E0102", "lat": endpoint.lat, "long": endpoint.lon}
    root = tree(endpoint.post("requests.xml", body))
    number = root.findtext("request/service_request_id")
    assert number
    again = tree(endpoint.get(f"requests/{number}.xml"))
    assert again.findtext("request/service_name") == "Exposed rubbish"
    assert again.findtext("request/description") == "Exposed rubbish"


def test_condition_attribute_sets_the_limit(endpoint: Endpoint, acting_as: ActingAs) -> None:
    number = endpoint.number(service_code="TL-C0101", **{"attribute[condition]": "c2"})
    with acting_as():
        case = Case.objects.get(number=number)
        assert case.condition == 1
    assert error_of(endpoint.file(service_code="TL-C0101", **{"attribute[condition]": "c9"}))[0]["code"] == "400"


def test_pictures_come_as_multipart_and_are_shown(endpoint: Endpoint) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG")
    number = endpoint.number(media=SimpleUploadedFile("lamp.jpg", out.getvalue(), "image/jpeg"))
    (row,) = endpoint.get(f"requests/{number}.json").json()
    path = row["media_url"].split("/open311/v2/")[1]
    picture = endpoint.get(path)
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/jpeg"
    assert endpoint.get(f"media/{uuid4()}").status_code == 404
    bad = endpoint.file(media=SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg"))
    assert error_of(bad)[0]["code"] in ("400", "415")


def test_tokens_lead_to_ids(endpoint: Endpoint) -> None:
    (given,) = endpoint.file(token="true").json()
    assert set(given) == {"token"}
    (found,) = endpoint.get(f"tokens/{given['token']}.json").json()
    assert endpoint.get(f"requests/{found['service_request_id']}.json").status_code == 200
    assert tree(endpoint.get(f"tokens/{given['token']}.xml")).findtext("request/token") == given["token"]
    for unknown in (str(uuid4()), "abc"):
        assert error_of(endpoint.get(f"tokens/{unknown}.json"))[0]["code"] == "404"


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"api_key": None}, 403, "api_key"),
        ({"api_key": "og_wrong"}, 403, "api_key"),
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "nothing"}, 404, "service_code"),
        ({"service_code": "TL-P01"}, 404, "service_code"),
        ({"lat": None}, 400, "lat"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"lat": "95"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"lat": "1", "long": "1"}, 400, "point"),
        ({"description": "长" * 4001}, 400, "description"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"jurisdiction_id": "elsewhere"}, 404, "jurisdiction_id"),
        ({"description": "a\x00b"}, 400, "NUL"),
    ],
)
def test_refusals(endpoint: Endpoint, changes: dict[str, Any], status: int, says: str, acting_as: ActingAs) -> None:
    answer = endpoint.file(**changes)
    assert answer.status_code == status
    assert any(says in one["description"] for one in error_of(answer))
    with acting_as():
        assert not Case.objects.filter(channel="open311").exists()


def test_an_address_alone_reaches_the_dispatcher(endpoint: Endpoint, acting_as: ActingAs) -> None:
    number = endpoint.number(lat=None, long=None, address_string="石桥路 8 号")
    with acting_as():
        case = Case.objects.select_related("grid").get(number=number)
        assert (case.address, case.grid.scope_path) == ("石桥路 8 号", "r.")
    code = endpoint.get(f"requests/{endpoint.number()}.json").json()[0]["address_id"]
    by_id = endpoint.number(lat=None, long=None, address_id=code)
    assert endpoint.get(f"requests/{by_id}.json").json()[0]["address_id"] == code
    assert endpoint.file(lat=None, long=None, address_id="no-such").status_code == 404


def test_empty_parameters_are_absent(endpoint: Endpoint) -> None:
    assert endpoint.number(phone="", email="", media_url="", address_id="", jurisdiction_id="")
    assert endpoint.get("requests.json", status="", service_code="", start_date="").status_code == 200


def test_a_repeat_files_nothing_new(endpoint: Endpoint) -> None:
    first = endpoint.number(**{"attribute[fixmystreet_id]": "77"})
    assert endpoint.number(**{"attribute[fixmystreet_id]": "77"}) == first
    assert endpoint.number(**{"attribute[fixmystreet_id]": "78"}) != first
    body = {"api_key": endpoint.key, "service_code": "TL-C0203", "lat": endpoint.lat, "long": endpoint.lon}
    once, twice = (endpoint.post("requests.json", body, **{"Idempotency-Key": "k1"}).json() for _ in range(2))
    assert once == twice


def test_filters(endpoint: Endpoint) -> None:
    lamp, rubbish = endpoint.number(), endpoint.number(service_code="TL-E0102")

    def ids(**asked: Any) -> set[str]:
        answer = endpoint.get("requests.json", **asked)
        assert answer.status_code == 200, answer.content
        return {one["service_request_id"] for one in answer.json()}

    assert ids() == {lamp, rubbish}
    assert ids(service_code="TL-C0203") == {lamp}
    assert ids(service_code="TL-C0203,TL-E0102") == {lamp, rubbish}
    assert ids(service_request_id=f"{rubbish},nothing", status="closed") == {rubbish}
    assert ids(status="closed") == set()
    assert ids(status="open,closed") == {lamp, rubbish}
    assert ids(start_date="2020-01-01T00:00:00Z") == set()
    assert ids(lat=endpoint.lat, long=endpoint.lon, radius=50) == {lamp, rubbish}
    assert ids(lat=endpoint.lat + 0.02, long=endpoint.lon, radius=50) == set()
    assert ids(page=1, page_size=1) | ids(page=2, page_size=1) == {lamp, rubbish}
    assert ids(page=3, page_size=1) == set()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert ids(updated_after=tomorrow.replace("+00:00", "Z")) == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "maybe"},
        {"start_date": "2026-03-02"},
        {"start_date": "2026-03-02T09:00:00"},
        {"start_date": "9999-12-31T23:59:59Z"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"page": "0"},
        {"page_size": "1001"},
        {"page": "١"},
        {"lat": "26"},
        {"radius": "none"},
        {"service_code": ",".join(f"s{n}" for n in range(300))},
    ],
)
def test_questions_nobody_can_answer(endpoint: Endpoint, asked: dict[str, str]) -> None:
    answer = endpoint.get("requests.json", **asked)
    if asked == {"start_date": "9999-12-31T23:59:59Z"}:
        assert answer.status_code in (200, 400)
    else:
        assert error_of(answer)[0]["code"] == "400"
        assert endpoint.get("requests.xml", **asked).status_code == 400


def test_of_a_long_span_the_last_ninety_days_count(endpoint: Endpoint) -> None:
    number = endpoint.number()
    end = datetime.now(UTC) + timedelta(hours=1)
    asked = {"start_date": "2001-01-01T00:00:00Z", "end_date": end.isoformat()}
    assert [one["service_request_id"] for one in endpoint.get("requests.json", **asked).json()] == [number]
    asked["end_date"] = (end + timedelta(days=91)).isoformat()
    assert endpoint.get("requests.json", **asked).json() == []


def test_unknown_service_in_a_filter(endpoint: Endpoint) -> None:
    assert error_of(endpoint.get("requests.json", service_code="nothing"))[0]["code"] == "404"
    assert endpoint.get("requests/nothing.json").status_code == 404


def test_what_is_not_public_is_not_there(endpoint: Endpoint, world: World, acting_as: ActingAs) -> None:
    lon, lat = world.point
    with acting_as():
        numbers = []
        for matter, said in (("TL-D02", {}), ("TL-P01", {}), ("TL-C0203", {"confidential": True})):
            report = Report(key=uuid4(), words="工地老板姓王欠薪", lon=lon, lat=lat, matter=matter, **said)
            numbers.append(intake.report(actor=world.resident(), report=report, now=datetime.now(UTC)).body["number"])
        plain = Report(key=uuid4(), words="我叫李四，电话13900001111", lon=lon, lat=lat, matter="TL-C0203")
        shown = intake.report(actor=world.resident(), report=plain, now=datetime.now(UTC)).body["number"]
    for number in numbers:
        assert endpoint.get(f"requests/{number}.json").status_code == 404
    (row,) = endpoint.get("requests.json").json()
    assert row["service_request_id"] == shown
    assert row["description"] == "Street lamp out"
    feed = endpoint.get("servicerequestupdates.json").content.decode()
    assert "13900001111" not in feed
    assert not any(number in feed for number in numbers)


def test_the_update_feed_tells_steps_and_takes_words(endpoint: Endpoint, world: World, acting_as: ActingAs) -> None:
    number = endpoint.number()
    dispatcher = world.staff("dispatcher", scope="r.")
    with acting_as():
        case = Case.objects.get(number=number)
        engine.act(actor=dispatcher, case_id=case.pk, action="accept", key="k1", now=datetime.now(UTC), data={})
    words = {"api_key": endpoint.key, "service_request_id": number, "description": "又坏了一盏", "update_id": "5"}
    (added,) = endpoint.post("servicerequestupdates.json", words).json()
    assert added["update_id"].startswith(number)
    assert endpoint.post("servicerequestupdates.json", words).json() == [added]
    with acting_as():
        offers = detail.read(dispatcher, Case.objects.get(number=number), now=datetime.now(UTC))["actions"]
        (reject,) = (one for one in offers if one["action"] == "reject")
        (reason,) = (one for one in reject["fields"] if one["name"] == "reason")
        said = {"reason": reason["options"][0]["key"], "words": "不属实"}
        engine.act(actor=dispatcher, case_id=case.pk, action="reject", key="k2", now=datetime.now(UTC), data=said)
    rows = endpoint.get("servicerequestupdates.json").json()
    assert [one["status"] for one in rows] == ["open", "open", "closed"]
    assert all(one["updated_datetime"].endswith("Z") and one["description"] for one in rows)
    root = tree(endpoint.get("servicerequestupdates.xml"))
    assert root.tag == "service_request_updates"
    assert root.findtext("request_update/service_request_id") == number
    closed = endpoint.post(
        "servicerequestupdates.json", {"api_key": endpoint.key, "service_request_id": number, "description": "x"}
    )
    assert closed.status_code == 400
    assert endpoint.get(f"requests/{number}.json").json()[0]["status"] == "closed"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"api_key": ""}, 403), ({"description": ""}, 400), ({"service_request_id": "nothing"}, 404)],
)
def test_updates_refused(endpoint: Endpoint, changes: dict[str, str], status: int) -> None:
    body = {"api_key": endpoint.key, "service_request_id": endpoint.number(), "description": "x"} | changes
    assert endpoint.post("servicerequestupdates.json", body).status_code == status


def test_another_systems_request_cannot_be_updated(endpoint: Endpoint, world: World, acting_as: ActingAs) -> None:
    lon, lat = world.point
    with acting_as():
        report = Report(key=uuid4(), words="灯", lon=lon, lat=lat, matter="TL-C0203")
        number = intake.report(actor=world.resident(), report=report, now=datetime.now(UTC)).body["number"]
    body = {"api_key": endpoint.key, "service_request_id": number, "description": "x"}
    assert endpoint.post("servicerequestupdates.json", body).status_code == 404


def test_other_methods_and_suffixes(endpoint: Endpoint) -> None:
    assert endpoint.post("services.json").status_code == 405
    assert endpoint.get("services.csv").status_code == 404
    assert endpoint.get("services").status_code == 404


def test_xml_survives_what_it_cannot_hold(endpoint: Endpoint) -> None:
    number = endpoint.number(description="a\x01b<c>&\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"))
    assert tree(endpoint.get(f"requests/{number}.xml")).findtext("request/description") == "ab<c>&😀"


def test_bodies_nobody_can_read(endpoint: Endpoint) -> None:
    broken = Client().generic(
        "POST",
        f"/{endpoint.locality}/open311/v2/requests.json",
        b"--x\r\nbroken",
        content_type="multipart/form-data",
    )
    assert error_of(broken)[0]["code"] == "400"
    many = "&".join(f"a{n}=1" for n in range(2000))
    flood = Client().generic(
        "POST",
        f"/{endpoint.locality}/open311/v2/requests.xml",
        many,
        content_type="application/x-www-form-urlencoded",
    )
    assert tree(flood).findtext("error/code") == "400"


def test_elsewhere_below_is_a_404_in_the_standards_words(endpoint: Endpoint) -> None:
    for path in ("nothing.json", "services/a/b.json", "tokens/" + "x" * 300 + ".json"):
        assert error_of(endpoint.get(path))[0]["code"] == "404"
    assert tree(endpoint.get("nothing.xml")).findtext("error/code") == "404"
