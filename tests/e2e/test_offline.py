"""The worker's promise: nothing typed or photographed is lost, nothing is filed twice, whatever line and phone do."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from onegrid.foundation.files.pictures import clean
from tests.e2e.conftest import FAILED, Live, until
from tests.e2e.hands import Hand
from tests.e2e.line import Line, Phone, bad_line

pytestmark = pytest.mark.e2e

PIN = "246810"
OUTBOX = "onegrid-outbox"
STORE = "(async () => {" + (Path(__file__).parent / "store.js").read_text()


@pytest.fixture
def line(live: Live) -> Iterator[Line]:
    with bad_line(live.url) as made:
        yield made


@pytest.fixture(scope="session")
def worker(live: Live) -> Hand:
    return Hand(live.url, live.account("worker"))


@pytest.fixture(scope="session")
def ground(worker: Hand) -> tuple[float, float]:
    """A point inside the worker's grid."""
    grid = worker.get(f"/grids/{worker.me['hats'][0]['grid_id']}")
    return float(grid["lon"]), float(grid["lat"])


@pytest.fixture
def phone(
    tmp_path: Path, ground: tuple[float, float], browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Phone]:
    made = Phone(browser.browser_type, tmp_path / "phone", ground)
    (tmp_path / "phone").mkdir()
    yield made
    if request.node.stash.get(FAILED, False):
        made.show(tmp_path)
    made.kill()


def words_of(what: str) -> str:
    """Words no other test has used."""
    return f"{what} {uuid.uuid4().hex[:8]}"


def sign_in(page: Page, line: Line, live: Live, role: str = "worker") -> None:
    account = live.account(role)
    page.goto(f"{line.url}/worker/")
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.click("button[type=submit]")
    page.wait_for_selector(".van-tabbar")
    until(page, "navigator.serviceWorker?.controller != null", "the pages are kept on the phone")


def signed_in(phone: Phone, line: Line, live: Live) -> Page:
    """Signed in some time ago: the phone has been closed and opened since."""
    sign_in(phone.start(), line, live)
    phone.close()
    page = phone.start()
    page.goto(f"{line.url}/worker/")
    page.wait_for_selector(".van-tabbar")
    return page


def write_report(page: Page, words: str, photo: Path | None) -> None:
    """Through the page, up to the last tap."""
    page.click("a.report")
    page.wait_for_selector("#words")
    if photo:
        page.set_input_files("input[type=file] >> nth=0", str(photo))
        page.wait_for_selector("figure.photo img")
    page.fill("#words", words)
    until(page, "document.querySelector('.here') && !document.querySelector('.here').disabled", "the position is found")
    page.click(".foot button[type=submit]")


def boxes(page: Page) -> dict[str, int]:
    """How many parcels in each state, as the boxes show them."""
    page.wait_for_selector("[data-box=sent]")
    counted: dict[str, int] = page.evaluate(
        "Array.from(document.querySelectorAll('.parcel')).reduce((all, one) => "
        "({...all, [one.dataset.state]: (all[one.dataset.state] ?? 0) + 1}), {})"
    )
    return counted


def wait_boxes(page: Page, wanted: dict[str, int], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while (found := boxes(page)) != wanted:
        assert time.monotonic() < deadline, f"the boxes hold {found}, not {wanted}"
        time.sleep(0.2)


def rows(page: Page, store: str = "parcels", base: str = OUTBOX) -> Any:
    """What lies in the phone's database; bytes become base64."""
    return page.evaluate(f"{STORE}; return readAll(...{json.dumps([base, store])}) }})()")


def filed(worker: Hand, words: str) -> list[dict[str, Any]]:
    """Cases with these words, as the server has them."""
    return list(worker.get("/cases", tab="mine", q=words.rsplit(maxsplit=1)[-1], limit=50)["items"])


def go_dark(line: Line, phone: Phone) -> None:
    line.down = True
    phone.offline(True)


def go_bright(line: Line, phone: Phone) -> None:
    line.down = False
    phone.offline(False)


def test_the_promise(live: Live, line: Line, phone: Phone, worker: Hand, photo: Path) -> None:
    """Written offline with a photo, reloaded, browser killed, opened again, a second tab, an answer lost: one case."""
    words = words_of("楼道堆物挡住消防通道")
    page = signed_in(phone, line, live)
    go_dark(line, phone)
    write_report(page, words, photo)
    page.wait_for_selector("text=已存在手机上")
    wait_boxes(page, {"waiting": 1})
    [held] = rows(page, "photos")
    picture = base64.b64decode(held["bytes"])
    page.reload()
    wait_boxes(page, {"waiting": 1})

    phone.kill()
    page = phone.start()
    phone.offline(True)
    page.goto(f"{line.url}/worker/boxes")
    wait_boxes(page, {"waiting": 1})
    assert base64.b64decode(rows(page, "photos")[0]["bytes"]) == picture
    other = phone.page()
    other.goto(f"{line.url}/worker/boxes")
    wait_boxes(other, {"waiting": 1})

    line.seen.clear()
    line.lose.append("/cases")
    go_bright(line, phone)
    wait_boxes(page, {"sent": 1})
    wait_boxes(other, {"sent": 1})
    assert len(line.posts("/cases")) == 2, "the lost answer is asked for once more"
    [case] = filed(worker, words)
    detail = worker.get(f"/cases/{case['id']}")
    [shown] = detail["photos"]
    served = worker.http.get(f"/{shown['url']}").content
    assert hashlib.sha256(served).digest() == hashlib.sha256(clean(picture).full).digest()
    assert rows(page, "photos") == [], "the bytes go once the server has them"


def test_a_cut_photo_goes_on_where_it_stopped(
    live: Live, line: Line, phone: Phone, worker: Hand, tmp_path: Path
) -> None:
    """The line breaks in the middle of the photo, several times: no byte that arrived is sent again."""
    from PIL import Image

    noisy = tmp_path / "noisy.jpg"
    Image.effect_noise((1500, 1100), 90).convert("RGB").save(noisy, "JPEG", quality=88)
    words = words_of("井盖破损")
    page = signed_in(phone, line, live)
    line.cut[:] = [20_000, 1, 9_999]
    write_report(page, words, noisy)
    # The phone goes to the boxes, or to the case, by itself: a page loaded anew would cut a request elsewhere.
    page.wait_for_url(re.compile(r"/worker/(boxes|case/)"))
    if "/case/" in page.url:
        page.goto(f"{line.url}/worker/boxes")
    wait_boxes(page, {"sent": 1}, 90)
    offsets = [int(path.split("offset=")[1]) for method, path in line.seen if "/bytes?offset=" in path]
    assert offsets[:4] == [0, 20_000, 20_001, 30_000], offsets
    assert len(filed(worker, words)) == 1


def beyond(worker: Hand) -> tuple[float, float]:
    """A point the phone takes for ours, for it lies within the county's box, and no grid holds."""
    west, south, east, north = worker.get("/locality")["bbox"]
    for step in range(1, 40):
        at = (west + (east - west) * 0.001, south + (north - south) * step / 40)
        if worker.http.get("/grids/locate", params={"lon": at[0], "lat": at[1]}).status_code == 404:
            return at
    raise AssertionError("the county fills its box")


def test_a_refused_report_stays_and_can_be_mended(
    live: Live, line: Line, phone: Phone, worker: Hand, photo: Path, ground: tuple[float, float]
) -> None:
    """Refused once the line is back: it says why, survives a restart, and goes out after the place is put right."""
    outside = beyond(worker)
    words = words_of("河道漂浮物")
    phone.at = outside
    page = signed_in(phone, line, live)
    go_dark(line, phone)
    write_report(page, words, photo)
    wait_boxes(page, {"waiting": 1})
    go_bright(line, phone)
    wait_boxes(page, {"rejected": 1})
    why = page.inner_text(".parcel .why")
    assert why.strip()
    phone.kill()
    page = phone.start()
    page.goto(f"{line.url}/worker/boxes")
    wait_boxes(page, {"rejected": 1})
    assert page.inner_text(".parcel .why") == why
    phone.move(ground)
    page.click("text=修改")
    page.wait_for_selector("figure.photo img")
    assert page.input_value("#words") == words
    page.click(".here")
    until(page, "!document.querySelector('.here').disabled", "the position is found")
    page.click(".foot button[type=submit]")
    page.wait_for_url("**/worker/case/*")
    assert len(filed(worker, words)) == 1
    page.goto(f"{line.url}/worker/boxes")
    wait_boxes(page, {"sent": 1})


def test_an_action_written_offline(live: Live, line: Line, phone: Phone, worker: Hand, photo: Path) -> None:
    """A case kept on the phone is worked on without a network, with a photo, over a killed browser; done once."""
    case = dispatched(live, worker, words_of("路灯不亮"), phone.at)
    detail = worker.get(f"/cases/{case}")
    offer = next(one for one in detail["actions"] if one["action"] == "handle")
    page = signed_in(phone, line, live)
    page.goto(f"{line.url}/worker/me")
    page.click("text=设置 PIN")
    set_pin(page)
    # What waits for the worker is fetched ahead, before he goes where there is no network.
    until_kept(page, f"case {case}")
    go_dark(line, phone)
    page.goto(f"{line.url}/worker/case/{case}")
    unlock(page)
    page.wait_for_selector("text=没有网络，这是")
    begin_action(page, offer["label"])
    fill_action(page, offer, photo)
    phone.kill()

    page = phone.start()
    phone.offline(True)
    page.goto(f"{line.url}/worker/case/{case}")
    unlock(page)
    begin_action(page, offer["label"])
    page.wait_for_selector(".sheet figure.photo img")
    assert page.input_value(".sheet textarea >> nth=0") == "已清理完毕"
    page.click(".sheet button[type=submit]")
    page.wait_for_selector(".foot.wait")
    line.lose.append("/actions/handle")
    go_bright(line, phone)
    page.wait_for_selector(".foot.wait", state="detached")
    after = worker.get(f"/cases/{case}")
    assert [step["action"] for step in after["timeline"]].count("handle") == 1
    assert len(after["photos"]) == 1
    assert len(line.posts("/actions/handle")) == 2


def dispatched(live: Live, worker: Hand, words: str, at: tuple[float, float]) -> str:
    """A case the centre has given to the worker's grid and he has taken."""
    centre = Hand(live.url, live.account("dispatcher"))
    case = str(centre.report(words, *at, channel="desk")["id"])
    if any(offer["action"] == "check_report" for offer in centre.get(f"/cases/{case}")["actions"]):
        centre.act(case, "check_report", real=True)
    if centre.get(f"/cases/{case}")["status"] == "reported":
        centre.act(case, "accept")
    centre.act(case, "dispatch", grid=worker.me["hats"][0]["grid_id"])
    for _ in range(3):
        offers = [offer["action"] for offer in worker.get(f"/cases/{case}")["actions"]]
        if "handle" in offers:
            return case
        worker.act(case, next(one for one in offers if one in {"take", "accept", "sign_for", "start"}))
    raise AssertionError(f"the worker cannot come to handle it: {offers}")


def begin_action(page: Page, label: str) -> None:
    page.wait_for_selector(".foot .primary")
    if page.locator(f".foot button:has-text('{label}')").count():
        page.click(f".foot button:has-text('{label}')")
    else:
        page.click(".foot button >> nth=0")
        page.click(f".van-action-sheet__item:has-text('{label}')")
    page.wait_for_selector(".sheet form")


def fill_action(page: Page, offer: dict[str, Any], photo: Path) -> None:
    for one in offer["fields"]:
        if one["kind"] == "text" and one["required"]:
            page.fill(f"[data-field={one['name']}] textarea", "已清理完毕")
        if one["kind"] == "photos":
            page.set_input_files(f"[data-field={one['name']}] input[type=file]", str(photo))
            page.wait_for_selector(".sheet figure.photo img")
        if one["kind"] == "choices":
            for tick in page.query_selector_all(f"[data-field={one['name']}] input"):
                tick.check()
    until_rows(page, "photos", "onegrid-drafts")


def until_rows(page: Page, store: str, base: str) -> None:
    deadline = time.monotonic() + 20
    while not rows(page, store, base):
        assert time.monotonic() < deadline, f"{base} stays empty"
        time.sleep(0.1)
    page.wait_for_timeout(600)


def set_pin(page: Page) -> None:
    page.wait_for_selector("input.pin")
    for field in page.query_selector_all("input.pin"):
        field.fill(PIN)
    page.click("form:has(input.pin) button[type=submit]")
    page.wait_for_selector("input.pin", state="detached")


def unlock(page: Page) -> None:
    """The key is in the page's memory only: a new page asks for the PIN."""
    page.fill("input.pin", PIN)
    page.click("form:has(input.pin) button[type=submit]")
    page.wait_for_selector("input.pin", state="detached")


def until_kept(page: Page, name: str) -> None:
    """A value lies sealed on the phone."""
    deadline = time.monotonic() + 30
    while name not in [item["name"] for item in rows(page, "items", "onegrid-vault")]:
        assert time.monotonic() < deadline, f"{name} is not kept"
        time.sleep(0.2)


def test_signing_out_never_drops_unsent_work(
    live: Live, line: Line, phone: Phone, worker: Hand, photo: Path, tmp_path: Path
) -> None:
    """Refused while something waits; the export holds words and photo to the byte; the next person sends none of it."""
    words = words_of("护栏倒塌")
    page = signed_in(phone, line, live)
    line.lose[:] = ["/photos/uploads"] * 500
    write_report(page, words, photo)
    until_rows(page, "parcels", OUTBOX)
    page.goto(f"{line.url}/worker/me")
    page.click("text=退出登录")
    page.wait_for_selector("text=不能退出登录")
    page.click("text=去发件箱")
    wait_boxes(page, {"waiting": 1})
    [held] = rows(page, "photos")
    with page.expect_download() as going:
        page.click("text=导出未发内容")
    out = json.loads(Path(going.value.path()).read_text())
    assert [one["body"]["words"] for one in out["parcels"]] == [words]
    assert out["parcels"][0]["photos"][0]["base64"] == held["bytes"]

    assert phone.context is not None
    phone.context.clear_cookies()
    page.reload()
    page.wait_for_selector("text=1 件没有发出")
    line.lose.clear()
    other = live.account("dispatcher")
    page.fill("#username", other["username"])
    page.fill("#password", other["password"])
    page.click("button[type=submit]")
    page.wait_for_selector("[data-box=sent], .van-tabbar")
    page.goto(f"{line.url}/worker/boxes")
    page.wait_for_timeout(3000)
    assert boxes(page) == {}, "another person's parcel is neither shown"
    assert filed(worker, words) == [], "nor sent"
    assert rows(page)[0]["state"] == "waiting"
    page.goto(f"{line.url}/worker/me")
    page.click("text=退出登录")
    page.wait_for_selector("#username")
    sign_in(page, line, live)
    page.goto(f"{line.url}/worker/boxes")
    wait_boxes(page, {"sent": 1})
    assert len(filed(worker, words)) == 1


def test_what_the_phone_keeps_cannot_be_read(live: Live, line: Line, phone: Phone, worker: Hand) -> None:
    """Sealed data shows nothing without the PIN; wrong PINs are counted; another person's sign-in ends it."""
    secret = uuid.uuid4().hex[:10]
    case = worker.report(f"独居老人需要探望 {secret}", *phone.at, channel="patrol")
    page = signed_in(phone, line, live)
    page.goto(f"{line.url}/worker/me")
    page.click("text=设置 PIN")
    set_pin(page)
    page.click("text=锁上离线资料")
    page.click("text=输入 PIN")
    page.fill("input.pin", "000000")
    page.click("form:has(input.pin) button[type=submit]")
    page.wait_for_selector("text=还可以试 9 次")
    unlock(page)
    # In the same page, or the key would be gone.
    page.evaluate(f"history.pushState({{}}, '', '{line.url}/worker/case/{case['id']}')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate', {}))")

    page.wait_for_selector(f"text={secret}")
    until_kept(page, f"case {case['id']}")
    kept = json.dumps(rows(page, "items", "onegrid-vault")) + json.dumps(rows(page, "vaults", "onegrid-vault"))
    assert secret not in kept and base64.b64encode(secret.encode()).decode()[:8] not in kept

    assert phone.context is not None
    phone.context.clear_cookies()
    page.reload()
    other = live.account("dispatcher")
    page.fill("#username", other["username"])
    page.fill("#password", other["password"])
    page.click("button[type=submit]")
    page.wait_for_selector("#username", state="detached")
    deadline = time.monotonic() + 20
    while rows(page, "items", "onegrid-vault") or rows(page, "vaults", "onegrid-vault"):
        assert time.monotonic() < deadline, "the data of the one before is still there"
        time.sleep(0.2)


def test_a_new_version_never_eats_a_draft(live: Live, line: Line, phone: Phone) -> None:
    """The banner waits for a tap; what was typed in the last moment is there after the change."""
    words = words_of("占道经营")
    page = signed_in(phone, line, live)
    page.click("a.report")
    page.wait_for_selector("#words")
    line.rewrite["/worker/sw.js"] = b"\n// a later build\n"
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    page.wait_for_selector("text=有新版本")
    page.fill("#words", words)
    page.click("text=更新")
    page.wait_for_timeout(500)
    page.wait_for_load_state()
    page.goto(f"{line.url}/worker/boxes")
    page.wait_for_selector(f".draft:has-text('{words.split()[-1]}')")
    page.wait_for_selector("text=有新版本", state="detached")


def test_four_hundred_reports_after_three_days_with_a_wrong_clock(
    live: Live, line: Line, phone: Phone, worker: Hand, photo: Path
) -> None:
    """Each once, in the order they were written, with the times the phone claimed; the server's own clock counts."""
    mark = uuid.uuid4().hex[:8]
    page = signed_in(phone, line, live)
    go_dark(line, phone)
    write_report(page, f"巡查发现 {mark} 0", photo)
    wait_boxes(page, {"waiting": 1})
    keys = page.evaluate(f"{STORE}; return multiply(400, {json.dumps(mark)}) }})()")
    page.reload()
    wait_boxes(page, {"waiting": 400})
    started = time.monotonic()
    go_bright(line, phone)
    wait_boxes(page, {"sent": 100}, 240)
    took = time.monotonic() - started
    found: dict[str, dict[str, Any]] = {}
    cursor = None
    while True:
        answer = worker.get("/cases", tab="mine", q=mark, limit=200, cursor=cursor)
        found |= {row["id"]: row for row in answer["items"]}
        cursor = answer["next"]
        if not cursor:
            break
    assert set(found) == set(keys)
    numbers = [found[key]["number"] for key in keys]
    assert numbers == sorted(numbers), "filed in the order they were written"
    assert len(line.posts("/cases")) == 400
    for key in (keys[1], keys[-1]):
        detail = worker.get(f"/cases/{key}")
        assert detail["device_at"].startswith("2019-"), "the phone's claim is kept"
        assert not detail["reported_at"].startswith("2019-"), "and does not set the clocks"
    assert len(worker.get(f"/cases/{keys[10]}")["photos"]) == 1
    print(f"400 reports, 40 photos: {took:.0f} s")
