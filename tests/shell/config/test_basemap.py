"""Somebody else's pictures under our map: only what the operator set, only in WGS84, only those hosts let in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from support.people import Api
from support.world import TEST_PACKS, plant

from onegrid.foundation.database.context import in_locality
from onegrid.shell.config import basemap, environment, middleware
from onegrid.shell.config.basemap import BadBaseMap, origins, read


def test_tianditu_wmts_and_xyz() -> None:
    assert read({}) is None
    sky = read({"kind": "tianditu", "key": "abc123", "layer": "img"})
    assert sky is not None
    assert sky["tiles"][3].startswith("https://t3.tianditu.gov.cn/img_w/wmts?SERVICE=WMTS&REQUEST=GetTile")
    assert sky["tiles"][3].endswith("TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=abc123")
    assert "/cia_w/" in sky["labels"][0]
    assert origins(sky) == tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8))
    xyz = read({"kind": "xyz", "url": "https://tiles.example.cn:8443/a/{z}/{x}/{y}.png", "tile_size": 512})
    assert xyz is not None
    assert (xyz["tile_size"], xyz["tiles"]) == (512, ["https://tiles.example.cn:8443/a/{z}/{x}/{y}.png"])
    assert origins(xyz) == ("https://tiles.example.cn:8443",)
    wmts = read({"kind": "wmts", "url": "https://m.example.cn/wmts", "layer": "基础", "matrix_set": "w"})
    assert wmts is not None
    assert "LAYER=%E5%9F%BA%E7%A1%80" in wmts["tiles"][0]


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "bing"}, {"kind": "tianditu"}, {"kind": "tianditu", "key": "a b"},
        {"kind": "tianditu", "key": "a", "layer": "x"}, {"kind": "xyz"}, {"kind": "xyz", "url": "https://a.cn/{z}/{x}"},
        {"kind": "xyz", "url": "ftp://a.cn/{z}/{x}/{y}"}, {"kind": "xyz", "url": "https://a.cn;script-src/{z}/{x}/{y}"},
        {"kind": "xyz", "url": "https://u@a.cn/{z}/{x}/{y}"}, {"kind": "wmts", "url": "https://a.cn", "layer": "x"},
        {"kind": "xyz", "url": "https://webrd01.is.autonavi.com/{z}/{x}/{y}"}, {"kind": "xyz", "nosuch": 1},
        {"kind": "xyz", "url": "https://a.cn/{z}/{x}/{y}", "max_zoom": "18"},
        {"kind": "xyz", "url": "https://a.cn *.evil/{z}/{x}/{y}"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_the_start(given: dict[str, Any]) -> None:
    with pytest.raises(BadBaseMap):
        read(given)
    with pytest.raises(environment.BadEnvironment, match="ONEGRID_BASE_MAP"):
        environment.read({"ONEGRID_BASE_MAP": json.dumps(given), "ONEGRID_SECRET_KEY": "x"})


def test_its_hosts_and_no_others_join_the_policy(locality: str, monkeypatch: pytest.MonkeyPatch) -> None:
    base = read({"kind": "xyz", "url": "https://tiles.example.cn/{z}/{x}/{y}.png"})
    with in_locality(locality):
        plant(TEST_PACKS, "testland")
    plain = Api(locality).get("/map")
    assert plain.json()["base"] is None
    assert "example.cn" not in plain.headers["Content-Security-Policy"]
    monkeypatch.setattr(settings, "ONEGRID_BASE_MAP", base)
    answer = Api(locality).get("/map")
    parts = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert parts["img-src"].endswith(" https://tiles.example.cn")
    assert parts["connect-src"].endswith(" https://tiles.example.cn")
    assert not any("example.cn" in value for name, value in parts.items() if name not in ("img-src", "connect-src"))
    assert answer.json()["base"]["tiles"] == ["https://tiles.example.cn/{z}/{x}/{y}.png"]
    assert basemap.origins(None) == ()
    assert middleware.policy("").count("example.cn") == 2
