"""The assessment's part of a pack: indicators by formula, and the published figures the locality is known for.

An indicator is numerator ÷ (denominator − subtracted), each a named count over cases. A figure carries the sentence it
comes from and either how it is computed (`measures.py`) or which later capability will carry it. `history` says what
the two years of cases of the demonstration are made of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.workforce.rules.section import WorkforcePart
from onegrid.foundation.packs.problems import Place, Problems, one_of
from onegrid.foundation.packs.reading import Reader, Title
from onegrid.foundation.packs.sections import Section, Source, YamlFile
from onegrid.insight.assessment.rules import measures
from onegrid.insight.assessment.rules.measures import How, Lot, Narrowed

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
    how: How | None
    later: str
    """The capability that will carry it; empty for one that is computed, or that speaks of a time before."""
    place: Place = field(compare=False)


@dataclass(frozen=True)
class AssessmentPart:
    """Indicators and figures of a locality, and the cases its demonstration has."""

    indicators: tuple[IndicatorSpec, ...]
    figures: tuple[FigureSpec, ...]
    history: tuple[Lot, ...] = ()

    def figure(self, key: str) -> float | None:
        """The value of a published figure, or None when the locality has none of that key."""
        return next((figure.value for figure in self.figures if figure.key == key), None)


def read(source: Source) -> AssessmentPart:
    """Read assessment.yaml and figures.yaml."""
    indicators, figures = source.document("assessment.yaml"), source.document("figures.yaml")
    return AssessmentPart(
        tuple(_indicator(item) for item in indicators.each("indicators")) if indicators is not None else (),
        tuple(_figure(item) for item in figures.each("figures")) if figures is not None else (),
        tuple(_lot(item) for item in figures.each("history", required=False)) if figures is not None else (),
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
        how=_how(item) if item.has("measure") else None,
        later=item.text("later", required=False, pattern=measures.CAPABILITY, form="a capability id such as W2"),
        place=item.place,
    )
    item.done()
    if figure.how is not None and figure.later:
        item.wrong("later", "a figure that is computed belongs to no later capability", "measure or later, not both")
    if figure.full_scale and figure.how is None and not figure.later:
        item.wrong("measure", "a figure of the demonstration says neither how it is computed nor what will carry it",
                   "measure or later")  # fmt: skip
    if figure.unit == "share" and figure.value > 1:
        item.wrong("value", f"a share of {figure.value:g}", "a number from 0 to 1")
    return figure


def _how(item: Reader) -> How:
    measure = item.choice("measure", sorted(measures.MEASURES))
    takes = measures.MEASURES.get(measure, measures.NOTHING)
    of = ""
    if takes == measures.SIDE:
        of = item.choice("of", measures.SIDES)
    elif takes == measures.LIMIT:
        of = item.text("of", pattern=measures.LIMIT_FORM, form="code#condition:accept or :arrive")
    elif takes in (measures.LEVEL, measures.POSITION):
        of = item.text("of")
    return How(measure, of, _narrowed(item) if takes == measures.CASES else Narrowed())


def _narrowed(item: Reader) -> Narrowed:
    return Narrowed(
        item.texts("kinds", required=False, words=measures.KINDS),
        item.choice("channel", measures.CHANNELS, required=False),
        item.choice("by", measures.BEARERS, required=False),
        item.flag("on_the_spot") if item.has("on_the_spot") else None,
    )


def _lot(item: Reader) -> Lot:
    closed = item.integer("closed", 0, 10_000_000)
    lot = Lot(
        closed=closed,
        in_time=item.integer("in_time", 0, closed, required=False, default=closed),
        rated=item.integer("rated", 0, closed, required=False),
        five=item.integer("five", 0, closed, required=False),
        open=item.integer("open", 0, 1000, required=False),
        cases=_narrowed(item),
        place=item.place,
    )
    item.done()
    if lot.five > lot.rated:
        item.wrong("five", f"{lot.five} of {lot.rated} rated", "at most as many as are rated")
    if lot.cases.on_the_spot and (lot.rated or lot.in_time < lot.closed):
        item.wrong("on_the_spot", "what is settled on the spot is neither late nor rated", "a lot of its own")
    return lot


def link(part: AssessmentPart, values: Mapping[str, object], problems: Problems) -> AssessmentPart:
    """Levels and positions that figures name must exist."""
    grids, workforce = values["grids"], values["workforce"]
    known: dict[str, frozenset[str]] = {}
    if isinstance(grids, GridsPart):
        known[measures.LEVEL] = grids.level_names()
    if isinstance(workforce, WorkforcePart):
        known[measures.POSITION] = frozenset(position.key for position in workforce.positions)
    for figure in part.figures:
        takes = measures.MEASURES.get(figure.how.measure, "") if figure.how is not None else ""
        if figure.how is not None and takes in known and figure.how.of not in known[takes]:
            problems.add(
                figure.place, "of", f"no {takes} {figure.how.of!r} (figure {figure.key})",
                one_of(figure.how.of, sorted(known[takes])),
            )  # fmt: skip
    return part


def summary(part: AssessmentPart) -> Mapping[str, object]:
    """How many indicators and figures there are."""
    carried = sum(figure.how is not None for figure in part.figures)
    return {"indicators": len(part.indicators), "figures": len(part.figures), "computed": carried}


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
            {
                "key": item.key,
                "value": item.value,
                "unit": item.unit,
                "source": item.source,
                "later": item.later,
                "full_scale": item.full_scale,
                "how": asdict(item.how) if item.how is not None else None,
            }
            for item in part.figures
        ],
    }


SECTION: Section[AssessmentPart] = Section(
    name="assessment",
    files=(
        YamlFile("assessment.yaml", ("indicators",)),
        YamlFile("figures.yaml", ("figures", "history"), required=False),
    ),
    read=read,
    link=link,
    summary=summary,
    stored=stored,
)
