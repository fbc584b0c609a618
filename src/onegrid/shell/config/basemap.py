"""A picture of the land under our own map, from somebody else's tile service: off unless the operator asks for it.

`ONEGRID_BASE_MAP` is a JSON object; coordinates are WGS84 in Web Mercator (Tianditu's `_w` is CGCS2000, which differs
by less than a metre). Services in GCJ-02 or BD-09 would stand hundreds of metres off and are refused.

    {"kind": "tianditu", "key": "…", "layer": "img"}                  vec, img or ter; labels come along
    {"kind": "xyz", "url": "https://tiles.example.cn/{z}/{x}/{y}.png", "attribution": "…"}
    {"kind": "wmts", "url": "https://maps.example.cn/wmts", "layer": "basic", "matrix_set": "GoogleMapsCompatible"}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

KINDS: Final = ("tianditu", "xyz", "wmts")
LAYERS: Final = {"vec": "cva", "img": "cia", "ter": "cta"}
"""Tianditu's pictures, and the labels that belong to each."""
SHIFTED: Final = ("amap.com", "autonavi.com", "map.bdimg.com", "map.baidu.com", "gtimg.com", "google.cn")
"""Services whose coordinates are shifted by law or by choice."""
FIELDS: Final = frozenset(
    {"kind", "key", "layer", "url", "matrix_set", "style", "format", "attribution", "name", "tile_size", "min_zoom"}
    | {"max_zoom", "labels"}
)


class BadBaseMap(ValueError):
    """The setting makes no sense; the message says why."""


def read(given: Mapping[str, object]) -> dict[str, Any] | None:
    """What pages draw: name, tiles (addresses with {z}, {x}, {y}), tile_size, zooms, attribution; None for none.

    Raises `BadBaseMap`.
    """
    if not given:
        return None
    unknown = sorted(set(given) - FIELDS)
    if unknown:
        raise BadBaseMap(f"does not know {', '.join(unknown)}; it knows {', '.join(sorted(FIELDS))}")
    kind = given.get("kind")
    if kind not in KINDS:
        raise BadBaseMap(f"kind is {kind!r}; expected one of: {', '.join(KINDS)}")
    tiles = _tianditu(given) if kind == "tianditu" else [_wmts(given) if kind == "wmts" else _xyz(given)]
    for address in tiles:
        _checked(address)
    return {
        "name": str(given.get("name") or kind),
        "tiles": tiles,
        "labels": _tianditu(given, labels=True) if kind == "tianditu" else [],
        "tile_size": _whole(given, "tile_size", 256),
        "min_zoom": _whole(given, "min_zoom", 1 if kind == "tianditu" else 0),
        "max_zoom": _whole(given, "max_zoom", 18),
        "attribution": str(given.get("attribution") or ("天地图" if kind == "tianditu" else "")),
    }


def origins(base: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The hosts a page may fetch pictures from, as a content security policy names them."""
    if base is None:
        return ()
    parts = [urlsplit(address) for address in [*base["tiles"], *base["labels"]]]
    return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))


def _tianditu(given: Mapping[str, object], *, labels: bool = False) -> list[str]:
    layer = str(given.get("layer") or "vec")
    if layer not in LAYERS:
        raise BadBaseMap(f"layer is {layer!r}; Tianditu has: {', '.join(LAYERS)}")
    key = given.get("key")
    if not isinstance(key, str) or not key.isalnum():
        raise BadBaseMap("Tianditu needs a key (a browser key, tied to this site's address)")
    name = LAYERS[layer] if labels else layer
    words = {
        "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": name, "STYLE": "default",
        "TILEMATRIXSET": "w", "FORMAT": "tiles",
    }  # fmt: skip
    rest = f"{urlencode(words)}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
    return [f"https://t{number}.tianditu.gov.cn/{name}_w/wmts?{rest}" for number in range(8)]


def _wmts(given: Mapping[str, object]) -> str:
    words = {
        "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": _word(given, "layer"),
        "STYLE": str(given.get("style") or "default"), "TILEMATRIXSET": _word(given, "matrix_set"),
        "FORMAT": str(given.get("format") or "image/png"),
    }  # fmt: skip
    address = _word(given, "url")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode(words, quote_via=quote)}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}"


def _xyz(given: Mapping[str, object]) -> str:
    address = _word(given, "url")
    missing = [part for part in ("{z}", "{x}", "{y}") if part not in address]
    if missing:
        raise BadBaseMap(f"url lacks {', '.join(missing)}")
    return address


def _word(given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadBaseMap(f"needs {name}")
    return value


def _whole(given: Mapping[str, object], name: str, default: int) -> int:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1024:
        raise BadBaseMap(f"{name} is {value!r}; expected a whole number")
    return value


def _checked(address: str) -> None:
    """Only plain addresses of hosts: the text goes into a header."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    fits = parts.scheme in ("https", "http") and host and all(sign.isalnum() or sign in ".-" for sign in host)
    if not fits or parts.username or any(sign in address for sign in " ;'\"\r\n"):
        raise BadBaseMap("url must look like https://tiles.example.cn/…")
    if any(host == name or host.endswith(f".{name}") for name in SHIFTED):
        raise BadBaseMap(f"{host} does not draw in WGS84: everything would stand hundreds of metres off")
