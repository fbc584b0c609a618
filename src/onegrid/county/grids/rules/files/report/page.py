"""`report.html`: one file with map, charts and tables, in Chinese and English, without a script or a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, Final

import numpy as np

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.drawing.whole import Drawing
from onegrid.county.grids.rules.files.report.charts import histogram
from onegrid.county.grids.rules.files.report.picture import Backdrop, GridLayer, picture
from onegrid.county.grids.rules.files.report.said import both, finding, in_both
from onegrid.foundation.kernel.texts import LANGS

MOST_ROWS: Final = 300
"""Rows of a list on the page; report.json has all."""
MOST_IDS: Final = 12
_FIGURES: Final[tuple[tuple[str, str], ...]] = (
    ("grids", "count"), ("non_contiguous", "hard"), ("crossings", "hard"), ("coverage_valid", "yes"), ("nested", "yes"),
    ("area_error", "tiny"), ("within_10", "share"), ("within_20", "share"), ("deviation_max", "share"),
    ("deviation_p95", "share"), ("deviation_cv", "share"), ("attainable_max", "share"), ("attainable_p95", "share"),
    ("attainable_within_10", "share"), ("attainable_within_20", "share"), ("polsby_popper", "ratio"),
    ("polsby_popper_p10", "ratio"), ("centre_distance", "metres"), ("extra_blocks", "ratio"),
    ("street_inside", "share"), ("offstreet_border_km", "km"), ("buildings_split", "count"), ("units_split", "count"),
)  # fmt: skip
"""Figures in the order of the page, and how each is written; others of the report follow as they are."""
_NOT_FIGURES: Final = frozenset(["level", "outside", "size", "unit", "tolerance", "along"])
_OF_SIZE: Final = ("within_", "deviation_max", "deviation_p95", "attainable_")
"""Figures that mean nothing of a level that follows what is there."""


def page(drawing: Drawing, report: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    """The whole page. ``report`` is what report.json says, ``findings`` in the same order as there."""
    layers = [
        GridLayer(
            level.spec.key, level.shapes, level.labels(), level.deviation,
            frozenset(int(one.grid) for one in level.report.outside),
        )
        for level in drawing.levels
    ]  # fmt: skip
    ground = drawing.ground
    back = Backdrop(ground.buildings, ground.roads, ground.road_rank, ground.water)
    drawn, shown = picture(layers, back, findings, " / ".join(layer.key for layer in layers))
    keys = [level.spec.key for level in drawing.levels]
    parts = [
        _head(report, keys, shown),
        _map(drawn, keys, shown),
        _figures(report["levels"]),
        _charts(drawing),
        _findings(findings),
        _outside(report["levels"]),
        _input(report),
    ]
    style = files(__package__).joinpath("page.css").read_text("utf-8") + _switches(shown)
    return (
        '<!doctype html>\n<html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>OneGrid</title>'
        f"<style>{style}</style></head><body>\n"
        '<input type="radio" name="lang" id="zh" checked><input type="radio" name="lang" id="en">'
        + "".join(
            f'<input type="radio" name="level" id="show-{place}"{" checked" if place == 0 else ""}>'
            for place in range(len(shown))
        )
        + "\n".join(parts)
        + "</body></html>\n"
    )


def _switches(shown: Sequence[str]) -> str:
    """Which level the map shows, by the state of its buttons."""
    rules = []
    for place in range(len(shown)):
        on = f"#show-{place}:checked~main"
        rules.append(f"{on} .fill-{place},{on} .line-{place}{{display:inline}}")
        rules.append(f"{on} label[for=show-{place}]{{background:#1D4F91;color:#fff}}")
        rules.append(f"#show-{place}:focus-visible~main label[for=show-{place}]{{outline:2px solid #14213D}}")
    return "".join(rules)


def _head(report: Mapping[str, Any], keys: Sequence[str], shown: Sequence[str]) -> str:
    people = report["households"]
    first = {level["level"]: level["grids"] for level in report["levels"]}
    counts = "".join(f"<li><b>{first[key]:,}</b> {escape(key)}</li>" for key in keys)
    left = (
        f'<li class="warn"><b>{_number(people["left_out"])}</b> {both("report.left_out")}</li>'
        if people["left_out"]
        else ""
    )
    hidden = [key for key in keys if key not in shown]
    note = f'<p class="note">{both("report.not_on_map", levels=", ".join(hidden))}</p>' if hidden else ""
    modelled = report["input"].get("households", {}).get("from") == "model"
    model = f'<p class="note">{both("report.is_model")}</p>' if modelled else ""
    return (
        f'<header><h1>{both("report.title")}</h1><nav><label for="zh">中文</label><label for="en">English</label></nav>'
        f'<ul class="key"><li><b>{_number(people["placed"])}</b> {both("report.households")}</li>{counts}{left}</ul>'
        f"{model}{note}</header><main>"
    )


def _map(drawn: str, keys: Sequence[str], shown: Sequence[str]) -> str:
    buttons = "".join(f'<label for="show-{place}">{escape(key)}</label>' for place, key in enumerate(shown))
    steps = ("&lt; −20 %", "−20 … −10 %", "−10 … −3 %", "±3 %", "+3 … +10 %", "+10 … +20 %", "&gt; +20 %")
    legend = "".join(f'<li><i class="d{place}"></i>{words}</li>' for place, words in enumerate(steps))
    return (
        f'<section class="map"><div class="bar">{buttons}</div>{drawn}<ul class="legend">{legend}'
        f'<li><i class="out"></i>{both("report.out_of_tolerance")}</li>'
        f'<li><i class="mark"></i>{both("report.mark")}</li></ul></section>'
    )


def _figures(levels: Sequence[Mapping[str, Any]]) -> str:
    head = "".join(f"<th>{escape(level['level'])}<small>{_spec(level)}</small></th>" for level in levels)
    known = dict(_FIGURES)
    names = [name for name, _ in _FIGURES] + sorted(
        {name for level in levels for name in level} - set(known) - _NOT_FIGURES
    )
    rows = [
        f"<tr><th>{both(f'report.figure.{name}') if name in known else escape(name)}</th>"
        + "".join(_cell(_asked(level, name), known.get(name, "ratio")) for level in levels)
        + "</tr>"
        for name in names
        if any(level.get(name) is not None for level in levels)
    ]
    return (
        f'<section><h2>{both("report.figures")}</h2><div class="wide"><table><thead><tr><th></th>{head}</tr></thead>'
        f'<tbody>{"".join(rows)}</tbody></table></div><p class="note">{both("report.figures_note")}</p></section>'
    )


def _asked(level: Mapping[str, Any], name: str) -> Any:
    return None if level["along"] and name.startswith(_OF_SIZE) else level.get(name)


def _spec(level: Mapping[str, Any]) -> str:
    if level["along"]:
        return both(f"report.along.{level['along']}")
    return f"{_number(level['size'])} ± {level['tolerance'] * 100:g} %"


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return "<td>–</td>"
    if isinstance(value, bool):
        return f'<td class="{"good" if value else "bad"}">{both("report.yes" if value else "report.no")}</td>'
    if not isinstance(value, int | float):
        return f"<td>{escape(str(value))}</td>"
    if kind == "hard":
        return f'<td class="{"good" if value == 0 else "bad"}">{value:,}</td>'
    words = {
        "share": f"{value * 100:.1f} %",
        "metres": f"{value:,.1f} m",
        "km": f"{value:,.2f} km",
        "tiny": f"{value:.1e}",
    }
    return f"<td>{words.get(kind) or (f'{value:,}' if kind == 'count' else f'{value:,.3f}')}</td>"


def _charts(drawing: Drawing) -> str:
    charts = "".join(
        f"<figure><figcaption>{escape(level.spec.key)}: {both('report.chart')}</figcaption>"
        f"{histogram(level.deviation, level.spec.tolerance, level.spec.key)}</figure>"
        for level in drawing.levels
        if not level.spec.along
    )
    return f'<section><h2>{both("report.charts")}</h2><div class="charts">{charts}</div></section>'


def _outside(levels: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        f"<tr><td>{escape(level['level'])}</td><td>{escape(str(one['grid']))}</td><td>{_number(one['households'])}</td>"
        f"<td>{one['deviation'] * 100:+.1f} %</td><td>{_why(one)}</td></tr>"
        for level in levels
        for one in level["outside"]
    ]
    if not rows:
        return f'<section><h2>{both("report.outside")}</h2><p class="good">{both("report.outside_none")}</p></section>'
    head = "".join(
        f"<th>{both(f'report.column.{name}')}</th>" for name in ("level", "grid", "amount", "deviation", "why")
    )
    return _listed("outside", head, rows)


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return (
            f'<section><h2>{both("report.findings")}</h2><p class="good">{both("report.findings_none")}</p></section>'
        )
    rows = []
    for number, one in enumerate(findings, start=1):
        place = f"{one.where[0]:.6f}, {one.where[1]:.6f}" if np.isfinite(one.where).all() else "–"
        named = ", ".join(one.ids[:MOST_IDS]) + (
            f" … (+{len(one.ids) - MOST_IDS:,})" if len(one.ids) > MOST_IDS else ""
        )
        words = in_both({lang: finding(one, lang) for lang in LANGS})
        rows.append(
            f"<tr><td>{number}</td><td>{words}</td><td>{one.count:,}</td><td>{_number(one.households)}</td>"
            f"<td>{place}</td><td>{escape(named)}</td></tr>"
        )
    titles = ("number", "finding", "count", "left_out", "place", "ids")
    head = "".join(f"<th>{both(f'report.column.{name}')}</th>" for name in titles)
    return _listed("findings", head, rows)


def _listed(name: str, head: str, rows: Sequence[str]) -> str:
    """A long list under its title, in a window of its own."""
    shown = "".join(rows[:MOST_ROWS])
    return (
        f"<section><h2>{both(f'report.{name}')} ({len(rows):,})</h2>{_cut(rows)}"
        f'<div class="wide tall" tabindex="0"><table class="list"><thead><tr>{head}</tr></thead>'
        f"<tbody>{shown}</tbody></table></div></section>"
    )


def _why(one: Mapping[str, Any]) -> str:
    return in_both({"zh-CN": one["why_zh"], "en": one["why_en"]})


def _cut(rows: Sequence[str]) -> str:
    return f'<p class="note">{both("report.cut", shown=MOST_ROWS)}</p>' if len(rows) > MOST_ROWS else ""


def _input(report: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(_flat(value))}</td></tr>"
        for name, value in [*report["input"].items(), ("seed", report["seed"]), ("seconds", report["seconds"])]
    )
    return (
        f'<section><h2>{both("report.input")}</h2><div class="wide"><table class="list"><tbody>{rows}'
        f"<tr><th>memory_mb</th><td>{report['memory_mb']:,}</td></tr></tbody></table></div>"
        f'<p class="note">{both("report.sources")}</p></section></main>'
    )


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(one)}" for name, one in value.items() if one not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(_flat(one) for one in value)
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
