"""The assessment's part of a pack: indicators by formula, and the published figures the locality is known for.

An indicator is numerator ÷ (denominator − subtracted), each a named count over cases. Figures carry the
sentence they come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from onegrid.foundation.packs.problems import Place
from onegrid.foundation.packs.reading import Reader, Title
from onegrid.foundation.packs.sections import Section, Source, YamlFile

COUNTS = (
    "reported",
    "accepted",
    "rejected",
    "dispatched",
    "due_to_handle",
    "handled",
    "handled_in_time",
    "due_to_close",
    "closed",
    "closed_in_time",
    "on_the_spot",
    "verified",
    "found_true",
    "returned",
    "reworked",
    "extended",
    "suspended",
    "reopened",
    "overdue_open",
    "rated",
    "rated_five",
    "rated_poor",
    "revisited",
    "stars",
    "whistled",
    "arrived_in_time",
    "excused",
)
UNITS = (
    "case",
    "person",
    "household",
    "grid",
    "building",
    "estate",
    "department",
    "matter",
    "team",
    "share",
    "day",
    "minute",
    "yuan_month",
    "yuan_year",
    "record",
    "time",
    "organisation",
    "item",
    "community",
    "unit",
    "indicator",
)
FIGURE_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True)
class IndicatorSpec:
    """One rate: counts over counts."""

    key: str
    title: Title
    numerator: str
    denominator: str
    subtract: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True)
class FigureSpec:
    """One published number. ``full_scale``: the demo reproduces it at full scale."""

    key: str
    value: float
    unit: str
    source: str
    full_scale: bool
    place: Place = field(compare=False)


@dataclass(frozen=True)
class AssessmentPart:
    """Indicators and figures of a locality."""

    indicators: tuple[IndicatorSpec, ...]
    figures: tuple[FigureSpec, ...]

    def figure(self, key: str) -> float | None:
        """The value of a published figure, or None when the locality has none of that key."""
        return next((figure.value for figure in self.figures if figure.key == key), None)


def read(source: Source) -> AssessmentPart:
    """Read assessment.yaml and figures.yaml."""
    indicators, figures = source.document("assessment.yaml"), source.document("figures.yaml")
    return AssessmentPart(
        tuple(_indicator(item) for item in indicators.each("indicators")) if indicators is not None else (),
        tuple(_figure(item) for item in figures.each("figures")) if figures is not None else (),
    )


def _indicator(item: Reader) -> IndicatorSpec:
    indicator = IndicatorSpec(
        key=item.key(),
        title=item.title("title"),
        numerator=item.choice("numerator", COUNTS),
        denominator=item.choice("denominator", COUNTS),
        subtract=item.texts("subtract", required=False, words=COUNTS),
        place=item.place,
    )
    item.done()
    return indicator


def _figure(item: Reader) -> FigureSpec:
    figure = FigureSpec(
        key=item.text("key", pattern=FIGURE_KEY, form="lower-case letters, digits and _"),
        value=item.number("value", 0, 1e9),
        unit=item.choice("unit", UNITS),
        source=item.text("source"),
        full_scale=item.flag("full_scale"),
        place=item.place,
    )
    item.done()
    if figure.unit == "share" and figure.value > 1:
        item.wrong("value", f"a share of {figure.value:g}", "a number from 0 to 1")
    return figure


def summary(part: AssessmentPart) -> Mapping[str, object]:
    """How many indicators and figures there are."""
    return {"indicators": len(part.indicators), "figures": len(part.figures)}


def stored(part: AssessmentPart) -> Mapping[str, object]:
    """What a locality keeps of it."""
    return {
        "indicators": [
            {
                "key": item.key,
                "title": item.title.as_json(),
                "numerator": item.numerator,
                "denominator": item.denominator,
                "subtract": list(item.subtract),
            }
            for item in part.indicators
        ],
        "figures": [
            {"key": item.key, "value": item.value, "unit": item.unit, "source": item.source} for item in part.figures
        ],
    }


SECTION: Section[AssessmentPart] = Section(
    name="assessment",
    files=(YamlFile("assessment.yaml", ("indicators",)), YamlFile("figures.yaml", ("figures",), required=False)),
    read=read,
    summary=summary,
    stored=stored,
)
