"""OGC API – Features read by a real client library, and what the standard asks of the corners."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import shapely
from django.test import Client
from owslib.ogcapi.features import Features
from support.households import signed_in
from support.people import ActingAs, Api, filed
from support.planted import planted
from support.world import TEST_PACKS, World

from onegrid.cases.models import Case
from onegrid.county.grids.models import MapFeature
from onegrid.county.grids.services import redraw
from onegrid.county.matters import selectors as matters
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.features import crs

MERCATOR = crs.MERCATOR


class Wire(requests.adapters.HTTPAdapter):
    """Hands what a client library sends to our own server instead of a network."""

    def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
        parts = urlsplit(request.url)
        headers = {name: value for name, value in request.headers.items() if name.lower() == "authorization"}
        got: Any = Client(raise_request_exception=False).generic(
            request.method, f"{parts.path}?{parts.query}", headers=headers, HTTP_HOST=parts.netloc
        )
        response = requests.Response()
        response.status_code, response._content, response.url = got.status_code, got.content, request.url
        response.headers.update(dict(got.items()))
        response.request = request
        return response


@pytest.fixture
def world(locality: str) -> World:
    matters.forget()
    with in_locality(locality):
        made = planted(TEST_PACKS, "testland")
        for at in range(3):
            lon, lat = made.leaf.lon + at * 1e-3, made.leaf.lat
            box = shapely.box(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4)
            MapFeature.objects.create(
                layer="building", kind="house", name=f"前街{at}号", levels=at, scope_path=made.leaf.scope_path,
                lon=lon, lat=lat, wkb=shapely.to_wkb(box),
            )  # fmt: skip
        return made


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.sessions.Session, "get_adapter", lambda *_, **__: Wire())


def client_of(locality: str, token: str = "") -> Features:
    headers = {"Authorization": f"Bearer {token}" if token else ""}
    return Features(f"http://testserver/{locality}/ogc", headers=headers)


def get(locality: str, path: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(raise_request_exception=False).get(f"/{locality}/ogc{path}", headers=headers)


def test_a_client_library_reads_grids_and_buildings(world: World, locality: str, wire: None) -> None:
    client = client_of(locality)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
    assert set(client.feature_collections()) == {"grids", "grid_history", "buildings"}
    assert client.api()["openapi"].startswith("3.0")
    described = client.collection("grids")
    assert described["storageCrs"] == crs.CRS84
    west, south, east, north = described["extent"]["spatial"]["bbox"][0]
    page = client.collection_items("grids", limit=5)
    assert (len(page["features"]), page["numberReturned"]) == (5, 5)
    every = client.collection_items("grids", limit=5000)
    assert every["numberMatched"] == len(every["features"]) > 5
    leaf = client.collection_item("grids", str(world.leaf.id))
    shape = shapely.geometry.shape(leaf["geometry"])
    assert shape.within(shapely.box(west, south, east, north).buffer(1e-9))
    # Its own label lies in it, and whoever asks around the label finds it.
    lon, lat = world.point
    around = client.collection_items("grids", bbox=[lon, lat, lon + 1e-7, lat + 1e-7], limit=100)
    assert str(world.leaf.id) in [one["id"] for one in around["features"]]
    assert len(around["features"]) < len(every["features"])
    houses = client.collection_items("buildings", limit=10)["features"]
    assert [one["properties"]["height"] for one in houses] == [3.0, 3.0, 6.0]


def test_pages_follow_each_other_without_gap_or_double(world: World, locality: str) -> None:
    every = get(locality, "/collections/grids/items?limit=5000").json()["features"]
    seen: list[str] = []
    address = "/collections/grids/items?limit=3"
    for _ in range(100):
        page = get(locality, address).json()
        seen += [one["id"] for one in page["features"]]
        ahead = [one["href"] for one in page["links"] if one["rel"] == "next"]
        if not ahead:
            break
        address = ahead[0].split("/ogc", 1)[1]
    assert seen == [one["id"] for one in every]


def test_cases_are_told_to_whoever_sees_them_and_never_in_words(
    world: World, locality: str, acting_as: ActingAs, wire: None
) -> None:
    dispatcher = world.staff("dispatcher", scope="r.")
    away = next(one for one in world.people if one.kind == "worker")
    with acting_as():
        api, worker = signed_in(locality, dispatcher), signed_in(locality, away.actor)
    lon, lat = world.point
    case = filed(api, world, words="金丝雀不亮", contact={"name": "金丝雀", "phone": "13812340001"})
    other = next(one for one in world.leaves if not one.scope_path.startswith(away.actor.scope_path))
    hidden = filed(api, world, lon=other.lon, lat=other.lat)
    client = client_of(locality, api.token)
    assert "cases" in client.feature_collections()
    found = client.collection_items("cases")["features"]
    assert {one["id"] for one in found} == {case["id"], hidden["id"]}
    one = client.collection_item("cases", case["id"])
    assert one["geometry"]["coordinates"] == [lon, lat]
    assert one["properties"]["matter"] == "TL-C0203"
    assert "金丝雀" not in json.dumps(found, ensure_ascii=False)
    # The worker sees his own; the other does not exist for him. Nobody in particular must sign in.
    own = get(locality, "/collections/cases/items", worker.token).json()["features"]
    assert [one["id"] for one in own] == [case["id"]]
    assert get(locality, f"/collections/cases/items/{hidden['id']}", worker.token).status_code == 404
    assert get(locality, "/collections/cases/items").status_code == 401
    assert "cases" not in get(locality, "/collections").content.decode()
    with in_locality(locality):
        Case.objects.filter(pk=case["id"]).update(confidential=True)
    told = get(locality, f"/collections/cases/items/{case['id']}", api.token).json()["properties"]
    assert (told["matter"], told["matter_name"], told["number"]) == ("", "", case["number"])
    lamps = get(locality, "/collections/cases/items?matter=TL-C0203", api.token).json()["features"]
    assert [one["id"] for one in lamps] == [hidden["id"]]


def test_time_and_place_narrow_the_cases(world: World, locality: str, acting_as: ActingAs) -> None:
    with acting_as():
        api = signed_in(locality, world.staff("dispatcher", scope="r."))
    case = filed(api, world)
    now = datetime.now(UTC)
    past, soon = (now - timedelta(hours=1)).isoformat(), (now + timedelta(hours=1)).isoformat()

    def count(query: str) -> int:
        answer = get(locality, f"/collections/cases/items?{query}", api.token)
        assert answer.status_code == 200, answer.content
        return len(answer.json()["features"])

    lon, lat = world.point
    box = f"{lon - 1e-3},{lat - 1e-3},{lon + 1e-3},{lat + 1e-3}"
    spans = (f"datetime={past}/..", f"datetime=../{past}", f"datetime={past}/{soon}")
    assert [count(span) for span in spans] == [1, 0, 1]
    assert [count(f"bbox={box}"), count("bbox=1,1,2,2")] == [1, 0]
    assert [count(f"grid={world.leaf.id}"), count("channel=desk"), count("channel=none")] == [1, 1, 0]
    for _ in range(3):
        filed(api, world)
    first = get(locality, "/collections/cases/items?limit=2", api.token).json()
    ahead = next(one["href"] for one in first["links"] if one["rel"] == "next").split("/ogc", 1)[1]
    second = get(locality, ahead, api.token).json()
    ids = [one["id"] for page in (first, second) for one in page["features"]]
    assert len(ids) == len(set(ids)) == 4
    assert case["id"] in ids


def test_coordinates_as_the_client_wants_them(world: World, locality: str) -> None:
    here = f"/collections/grids/items/{world.leaf.id}"
    plain = shapely.geometry.shape(get(locality, here).json()["geometry"])
    turned = get(locality, f"{here}?crs={crs.WGS84}")
    assert turned["Content-Crs"] == f"<{crs.WGS84}>"
    assert shapely.geometry.shape(turned.json()["geometry"]).bounds[:2] == plain.bounds[1::-1]
    metres = shapely.geometry.shape(get(locality, f"{here}?crs={MERCATOR}").json()["geometry"])
    # The textbook's value for this point, by the formula of EPSG guidance note 7-2.
    assert metres.bounds[0] == pytest.approx(plain.bounds[0] * 111319.49079327358, rel=1e-12)
    box = ",".join(str(number) for number in metres.bounds)
    found = get(locality, f"/collections/grids/items?bbox={box}&bbox-crs={MERCATOR}&limit=1000").json()["features"]
    assert str(world.leaf.id) in [one["id"] for one in found]
    south, west, north, east = plain.bounds[1], plain.bounds[0], plain.bounds[3], plain.bounds[2]
    box = f"{south},{west},{north},{east}"
    swapped = get(locality, f"/collections/grids/items?bbox={box}&bbox-crs={crs.WGS84}&limit=1000")
    assert [one["id"] for one in swapped.json()["features"]] == [one["id"] for one in found]


def test_history_tells_what_held_when(world: World, locality: str) -> None:
    later = datetime(2026, 2, 1, tzinfo=UTC)
    with in_locality(locality):
        shape = get(locality, f"/collections/grids/items/{world.leaf.id}").json()
        parent = shape["properties"]["parent"]
        siblings = get(locality, f"/collections/grids/items?parent={parent}&limit=10").json()["features"]
        shapes = {int(one["id"]): shapely.geometry.shape(one["geometry"]) for one in siblings}
        left, right = list(shapes)[:2]
        both = shapely.union_all(list(shapes.values()))
        west, south, east, north = both.bounds
        middle = (west + east) / 2 + (east - west) / 50 if east - west > north - south else east
        cut = (south + north) / 2 + (north - south) / 50 if middle == east else north
        one = shapely.box(west, south, middle, cut)
        order = sorted((left, right), key=lambda key: shapes[key].centroid.distance(one.centroid))
        redraw.redraw({order[0]: one, order[1]: both.difference(one)}, now=later)
    rows = get(locality, "/collections/grid_history/items?limit=5000").json()["features"]
    mine = {row["id"]: row["properties"] for row in rows if row["properties"]["grid"] == str(left)}
    assert set(mine) == {f"{left}-1", f"{left}-2"}
    assert mine[f"{left}-1"]["valid_to"] == mine[f"{left}-2"]["valid_from"] == "2026-02-01T00:00:00Z"

    def at(moment: str) -> set[str]:
        found = get(locality, f"/collections/grid_history/items?limit=5000&datetime={moment}").json()["features"]
        return {row["id"] for row in found} & set(mine)

    assert at("2026-01-15T00:00:00Z") == {f"{left}-1"}
    assert at("2026-03-01T00:00:00Z") == {f"{left}-2"}
    assert at("2026-01-15T00:00:00Z/..") == set(mine)


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3", "bbox=a,b,c,d", "bbox=3,4,1,2", "bbox=nan,1,2,3", "limit=0", "limit=x", "datetime=yesterday",
        "datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z", "crs=urn:none", "bbox-crs=urn:none", "nosuch=1",
        "cursor=x", "f=html", "parent=x",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(world: World, locality: str, query: str) -> None:
    for lang in ("zh-CN", "en"):
        answer = Client().get(f"/{locality}/ogc/collections/grids/items?{query}", headers={"Accept-Language": lang})
        assert answer.status_code == 400, answer.content
        assert query.split("=", maxsplit=1)[0] in answer.json()["description"]


def test_corners(world: World, locality: str) -> None:
    for path in ("", "/", "/conformance", "/collections", "/collections/grids", "/collections/grids/schema", "/api"):
        answer = get(locality, path)
        assert answer.status_code == 200, path
        assert answer["Access-Control-Allow-Origin"] == "*"
    for path in ("nothing", "nothing/items", "grids/items/0", "buildings/items/x", "grid_history/items/x-y"):
        assert get(locality, f"/collections/{path}").status_code == 404
    assert Client().post(f"/{locality}/ogc/collections").status_code == 405
    links = get(locality, "/collections/grids/items?limit=1").json()["links"]
    assert all(one["href"].startswith(f"http://testserver/{locality}/ogc/") for one in links)
    assert Api(locality).get("/map/version").status_code == 200
