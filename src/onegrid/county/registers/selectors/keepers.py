"""Who looks after a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.selectors import GridInfo, Place
from onegrid.county.matters import selectors as matters
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.texts import Lang, text


@dataclass(frozen=True)
class Keeper:
    """Who looks after a grid: a name and what he is called there."""

    name: str
    title: str
    grid: GridInfo


@dataclass(frozen=True)
class Centre:
    """The grid centre that answers for a place, and the number to call; ``line`` names whose number it is when it is
    not the centre's own: a centre's above, or the locality's hotline."""

    name: str
    phone: str
    line: str


@dataclass(frozen=True)
class MyGrid:
    """What a resident is told about where he lives."""

    place: Place
    leader: Keeper | None
    centre: Centre


def my_grid(lon: float, lat: float, *, lang: Lang, now: datetime) -> MyGrid:
    """The smallest grid at a point, the nearest person in charge of one, and the nearest grid centre.

    Raises Nowhere outside the locality.
    """
    place = grids.locate(lon, lat)
    chain = place.chains[0].grids
    by_path = {info.scope_path: info for info in chain}
    centres = workforce.centres_above(place.leaf.scope_path)
    keeper = _keeper(chain, lang, workforce.day_of(now))
    return MyGrid(place, keeper, _centre([by_path[path] for path in centres if path in by_path], lang))


def _centre(centres: list[GridInfo], lang: Lang) -> Centre:
    """The nearest centre with the number of the nearest centre that has one, else with the locality's hotline.

    That residents can call is a duty by law, so every pack names a hotline. ``centres`` go from the top down.
    """
    known = matters.current_pack().content["organisations"]
    numbers: dict[str, str] = known.get("phones", {})
    hotline = known.get("hotline") or {"phone": "", "title": {"zh": "", "en": ""}}
    line = str(hotline["title"]["en" if lang == "en" else "zh"])
    names = [text("grids.centre.name", lang, place=grid.name) for grid in centres]
    nearest = names[-1] if names else line
    for grid, name in zip(reversed(centres), reversed(names), strict=True):
        if not grid.scheme and grid.code in numbers:
            return Centre(nearest, numbers[grid.code], "" if name == nearest else name)
    return Centre(nearest, str(hotline["phone"]), line)


def _keeper(chain: tuple[GridInfo, ...], lang: Lang, day: date) -> Keeper | None:
    """The person in charge of the smallest grid where anybody is."""
    leaders = workforce.leaders_of([info.id for info in chain], day)
    for info in reversed(chain):
        hat = leaders.get(info.id)
        if hat is not None:
            with widened("hats"):
                name = accounts.names_of([hat.user]).get(hat.user, "")
            return Keeper(name, hat.title(lang), info)
    return None
