"""Every page of every face, each with how one gets there: walked by the tests and by the pictures' script."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.conftest import PATIENCE_MS, Live
from tests.e2e.hands import Hand

ROOT: Final = Path(__file__).parents[2]
WEB: Final = ROOT / "web"
SIZES: Final = ((360, 780), (1366, 768), (1920, 1080))
LANGUAGES: Final = {"zh": "zh-CN", "en": "en-US"}
ROLES: Final = {"desk": "dispatcher", "worker": "worker", "resident": None, "doors": None}
HOME: Final = {"desk": SIZES[1], "worker": SIZES[0], "resident": SIZES[0], "doors": SIZES[0]}
"""The screen a face is made for."""
STILL_S: Final = 12.0
SETTLED: Final = """
(() => {
  if (document.querySelector('.skeleton, [aria-busy=true]')) return false
  const map = document.querySelector('[data-map], .map [role=region], .og-map')
  return !map || map.closest('[data-ready]') !== null || map.querySelector('[data-ready]') !== null
})()
"""


@dataclass(frozen=True)
class Ground:
    """What the pages show: a case of the worker's grid, its tracking code, a patrol the worker walked, a house with a
    household and a person in it, and somebody in care."""

    lon: float
    lat: float
    case: str
    code: str
    patrol: str
    house: str
    home: str
    person: str
    care: str


@dataclass(frozen=True)
class Sheet:
    """One page, or one state of it. ``route`` is the router's own path; ``do`` brings the page into its state."""

    face: str
    name: str
    path: str
    wait: str
    route: str = ""
    do: Callable[[Page], None] | None = None
    role: str = ""
    widths: tuple[int, ...] = field(default=tuple(width for width, _ in SIZES))


def press(keys: str, wait: str) -> Callable[[Page], None]:
    """Presses a key and waits for what it opens."""

    def do(page: Page) -> None:
        page.keyboard.press(keys)
        page.wait_for_selector(wait)

    return do


def click(target: str, wait: str) -> Callable[[Page], None]:
    """Clicks and waits for what it opens."""

    def do(page: Page) -> None:
        page.click(target)
        page.wait_for_selector(wait)

    return do


def open_chart(page: Page) -> None:
    """Opens the first building and its chart."""
    page.click(".rows .row .first")
    page.click(".panel a[href*='/building/']")
    page.wait_for_selector("h2")


def open_family(page: Page) -> None:
    """Opens the first household and its family."""
    page.click(".rows .row .first")
    page.click(".panel a[href*='/household/']")
    page.wait_for_selector("h2")


def open_draft(page: Page) -> None:
    """Begins a draft from today's grids and opens it."""
    page.check("[data-way=hand]")
    page.click("form .go")
    page.wait_for_selector("[data-cell]")


SHEETS: Final = (
    Sheet("doors", "doors", "", ".doors"),
    Sheet("doors", "preflight", "preflight", "#verdict[data-done]"),
    Sheet("doors", "missing", "nothing-here", "h1"),
    Sheet("resident", "home", "", "a.report", route="/"),
    Sheet("resident", "report", "report", ".address", route="/report"),
    Sheet("resident", "track", "track/{code}", ".steps li", route="/track/:code"),
    Sheet("resident", "find", "find", "form", route="/find"),
    Sheet("resident", "mine", "mine", "h1", route="/mine"),
    Sheet("resident", "grid", "my-grid", "dl.facts", route="/my-grid"),
    Sheet("resident", "notices", "notices", "h1", route="/notices"),
    Sheet("resident", "about", "about-me", "#phone", route="/about-me"),
    Sheet("resident", "return", "coming-home", "#phone", route="/coming-home"),
    Sheet("resident", "signin", "signin", "#phone", route="/signin"),
    Sheet("worker", "signin", "signin", "#username", route="/signin", role="nobody"),
    Sheet("worker", "today", "", ".van-tabbar", route="/"),
    Sheet("worker", "grids", "grids", ".grid", route="/grids"),
    Sheet("worker", "news", "news", "h1", route="/news"),
    Sheet("worker", "me", "me", "h1", route="/me"),
    Sheet("worker", "report", "report", ".address", route="/report"),
    Sheet("worker", "case", "case/{case}", ".timeline .step", route="/case/:id"),
    Sheet("worker", "action", "case/{case}", ".foot .primary", do=click(".foot .primary", ".sheet form")),
    Sheet("worker", "duty", "duty", ".now", route="/duty"),
    Sheet("worker", "patrol", "duty/{patrol}", ".big", route="/duty/:id"),
    Sheet("worker", "people", "people", "h1", route="/people"),
    Sheet("worker", "care-list", "people?tab=care", "[data-care]"),
    Sheet("worker", "returnees", "people?tab=returnees", "[role=radiogroup]"),
    Sheet("worker", "door", "door/{home}", ".person", route="/door/:home", do=click(".person .who", ".edit")),
    Sheet("worker", "new-door", "house/{house}/new", "#label", route="/house/:house/new"),
    Sheet("worker", "care", "care/{care}", ".plan", route="/care/:id"),
    Sheet("worker", "plan", "care/{care}/plan", ".tick", route="/care/:id/plan"),
    Sheet("worker", "new-plan", "care-of/{person}", ".tick", route="/care-of/:resident"),
    Sheet("worker", "boxes", "boxes", "h1", route="/boxes"),
    Sheet("desk", "signin", "signin", "#username", route="/signin", role="nobody"),
    Sheet("desk", "queue", "queue?tab=all", ".row", route="/queue/:id?"),
    Sheet("desk", "case", "queue/{case}?tab=all", ".timeline .step"),
    Sheet("desk", "own-page", "case/{case}", ".timeline .step", route="/case/:id"),
    Sheet("desk", "paper", "print/case/{case}", ".facts", route="/print/case/:id"),
    Sheet("desk", "wall", "screen", ".card .n", route="/screen"),
    Sheet("desk", "palette", "queue?tab=all", ".row", do=press("Control+k", "dialog.palette[open] [role=option]")),
    Sheet("desk", "notices", "notices", "h1", route="/notices"),
    Sheet("desk", "new", "new", "#words", route="/new"),
    Sheet("desk", "map", "map", ".legend li", route="/map"),
    Sheet("desk", "rounds", "rounds", "[data-plan]", route="/rounds", role="township"),
    Sheet("desk", "dashboard", "dashboard", ".tile", route="/dashboard"),
    Sheet("desk", "published", "published", "h1", route="/published"),
    Sheet("desk", "registers", "registers", ".rows .row", route="/registers/:view?/:id?"),
    Sheet("desk", "registers-row", "registers", ".rows .row", do=click(".rows .row .first", ".panel .fields")),
    Sheet("desk", "registers-chart", "registers/buildings", ".rows .row", do=open_chart),
    Sheet("desk", "registers-family", "registers/households", ".rows .row", do=open_family),
    Sheet("desk", "registers-import", "registers/import", "#import-file"),
    Sheet("desk", "registers-waiting", "registers/changes", ".page"),
    Sheet("desk", "registers-alike", "registers/duplicates", ".page"),
    Sheet("desk", "registers-figures", "registers/statistics", ".totals"),
    Sheet("desk", "registers-exports", "registers/exports", ".page"),
    Sheet("desk", "grids", "grids", ".page", route="/grids/:view?/:id?", role="township"),
    Sheet("desk", "grids-new", "grids/new", "form .go", role="township"),
    Sheet("desk", "grids-import", "grids/import", "#partition", role="township"),
    Sheet("desk", "grids-past", "grids/history", ".version", role="township"),
    Sheet("desk", "grids-draft", "grids/new", "form .go", role="township", do=open_draft),
    Sheet("desk", "messages", "messages", "h1", route="/messages"),
    Sheet("desk", "keys", "queue?tab=all", ".row", do=press("?", "dialog[open] kbd"), widths=(1366, 1920)),
)


def routes_of(face: str) -> set[str]:
    """The paths a face's router knows, children under their parent; redirects are no pages."""
    text = (WEB / face / "src" / "router.ts").read_text()
    found = set()
    for line in re.findall(r"^.*\bpath: '.*$", text, re.M):
        path = re.search(r"path: '([^']*)'", line)
        if path is None or "redirect" in line or ("component" not in line):
            continue
        found.add("/" + path.group(1).lstrip("/"))
    return found


class Album:
    """A county's pages, opened by whoever they belong to, one browser context for each person and language."""

    def __init__(self, browser: Browser, live: Live) -> None:
        self.browser, self.live = browser, live
        self.ground = find_ground(live)
        self.contexts: dict[tuple[str, str], BrowserContext] = {}

    def open(self, sheet: Sheet, language: str) -> Page:
        """The page in its state, settled, on the screen its face is made for. The caller closes it."""
        role = sheet.role or ROLES[sheet.face] or "nobody"
        page = self._context(role, language).new_page()
        width, height = HOME[sheet.face]
        page.set_viewport_size({"width": width, "height": height})
        page.complaints = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        path = sheet.path.format(**vars(self.ground))
        face = "" if sheet.face == "doors" else f"{sheet.face}/"
        page.goto(f"{self.live.url}/{face}{path}")
        page.wait_for_selector(sheet.wait, state="attached")
        settle(page)
        if sheet.do:
            sheet.do(page)
        return page

    def close(self) -> None:
        """Close every context."""
        for context in self.contexts.values():
            context.close()

    def _context(self, role: str, language: str) -> BrowserContext:
        if (role, language) not in self.contexts:
            context = self.browser.new_context(
                locale=LANGUAGES[language], reduced_motion="reduce",
                geolocation={"longitude": self.ground.lon, "latitude": self.ground.lat}, permissions=["geolocation"],
            )  # fmt: skip
            context.set_default_timeout(PATIENCE_MS)
            if role != "nobody":
                sign_in(context, self.live, role)
            self.contexts[role, language] = context
        return self.contexts[role, language]


def sign_in(context: BrowserContext, live: Live, role: str) -> None:
    """Sign a context in over the API: the sign-in pages have tests of their own."""
    account = live.account(role)
    api = f"{live.url}/api/v1"
    token = context.request.get(f"{api}/me").json()["csrf"] or ""
    body = {"username": account["username"], "password": account["password"]}
    answer = context.request.post(f"{api}/session", data=body, headers={"X-CSRFToken": token})
    assert answer.ok, f"{role} cannot sign in: {answer.text()}"


def settle(page: Page, seconds: float = STILL_S) -> None:
    """Waits until nothing is being fetched for the eye; a map that never draws is shown as it is."""
    deadline = time.monotonic() + seconds
    still = 0
    while time.monotonic() < deadline and still < 3:
        still = still + 1 if page.evaluate(SETTLED) else 0
        page.wait_for_timeout(100)


def sideways(page: Page) -> str:
    """What sticks out of the page to the right, in words; empty when nothing does."""
    return str(page.evaluate(STICKS_OUT))


STICKS_OUT: Final = """
(() => {
  const root = document.documentElement
  const inner = [...document.querySelectorAll('main, .inside')].filter((one) => one.scrollWidth > one.clientWidth + 1)
  const widest = inner.find((one) => getComputedStyle(one).overflowX !== 'hidden')
  if (root.scrollWidth <= root.clientWidth && !widest) return ''
  const edge = (root.scrollWidth > root.clientWidth ? root : widest).getBoundingClientRect().left + root.clientWidth + 1
  const far = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > edge)
  const outer = far.filter((one) => !far.some((other) => other !== one && other.contains(one)))
  const names = (outer.length ? outer : far).slice(0, 4).map((one) => `${one.tagName}.${one.className}`)
  return `${Math.max(root.scrollWidth, widest?.scrollWidth ?? 0)} of ${root.clientWidth} px: ${names.join(', ')}`
})()
"""


def find_ground(live: Live) -> Ground:
    """A place in the worker's grid, and a case there that has come a long way, with a photo."""
    worker, centre = Hand(live.url, live.account("worker")), Hand(live.url, live.account("dispatcher"))
    hat = worker.me["hats"][0]
    lon, lat = worker.ground()
    resident = Hand(live.url)
    filed = resident.report("小区门口的井盖破了", lon, lat, photos=[resident.photo("report")], anonymous=True)
    for action in ("check_report", "accept", "dispatch"):
        offers = [one["action"] for one in centre.get(f"/cases/{filed['id']}")["actions"]]
        if action in offers:
            centre.act(filed["id"], action, **({"grid": hat["grid_id"]} if action == "dispatch" else {}))
    patrol = find_patrol(worker, lon, lat)
    return Ground(lon, lat, str(filed["id"]), str(filed["track_code"]), patrol, *find_door(worker))


def find_door(worker: Hand) -> tuple[str, str, str, str]:
    """A house, a household and somebody in it, and somebody in care; taken into care when nobody is."""
    folder = worker.get("/register/folders")["items"][0]["grid"]["id"]
    house, home = next(
        (house, home)
        for house in worker.get(f"/register/folders/{folder}")["houses"]
        for home in house["homes"]
        if home["residents"]
    )
    person = str(home["residents"][0]["id"])
    known = worker.get("/care")["items"]
    plan = {"needs": ["living_alone"], "plan": "早晚各看一次", "every_days": 7, "next_due": "2026-12-01"}
    care = known[0] if known else worker.post("/care", resident=person, **plan)
    return str(house["id"]), str(home["id"]), person, str(care["id"])


def find_patrol(worker: Hand, lon: float, lat: float) -> str:
    """A patrol of the worker that is over: one he walked in another test, or a quarter of an hour with a gap.

    Hours ago, for other tests sign in late by half an hour.
    """
    walked = [one for one in worker.get("/patrols")["items"] if one["ended_at"]]
    if walked:
        return str(walked[0]["id"])
    then = datetime.now(UTC) - timedelta(hours=3)
    ago = [then - timedelta(minutes=one) for one in (15, 12, 11, 10, 9, 8, 2, 1)]
    place: dict[str, float] = {"lon": lon, "lat": lat, "accuracy": 8}
    current = worker.get("/duty")["spell"]
    if current:
        worker.post(f"/duty/{current['id']}/end", **place)
        patrol = worker.post("/patrols", spell=(spell := worker.post("/duty", **place))["id"])
    else:
        spell = worker.post("/duty", device_at=ago[0].isoformat(), **place)
        patrol = worker.post("/patrols", spell=spell["id"], device_at=ago[1].isoformat())
        points = [{**place, "at": at.isoformat(), "lon": lon + far / 4000} for far, at in enumerate(ago[1:])]
        worker.post(f"/patrols/{patrol['id']}/track", points=points)
    ended = {} if current else {"device_at": then.isoformat()}
    worker.post(f"/patrols/{patrol['id']}/end", **ended)
    worker.post(f"/duty/{spell['id']}/end", **place, **ended)
    return str(patrol["id"])


def sheets_of(face: str) -> Iterator[Sheet]:
    """The pages of one face."""
    return (sheet for sheet in SHEETS if sheet.face == face)
