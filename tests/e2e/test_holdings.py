"""Owners, tenants and workplaces on the desk, in a real browser: written down, ended, taken out again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_registers import a_resident, open_registers

pytestmark = pytest.mark.e2e


def test_a_home_gets_an_owner_and_a_resident_a_workplace(live: Live, open_page: Callable[..., Page]) -> None:
    """By hand and from the family; an end that is too early is refused in words; a slip goes again."""
    centre = Hand(live.url, live.account("dispatcher"))
    home = a_resident(centre)["household"]
    page = open_registers(open_page, live, f"/household/{home}")

    page.click(".tenure-begin")
    page.check("[name=tenure-who][value=hand]")
    page.click(".tenures [type=submit]")
    page.wait_for_selector(".tenures [role=alert]")
    page.fill("#tenure-name", "钱甲试")
    page.fill("#tenure-phone", "19000000777")
    page.fill("#tenure-since", "2015-06-01")
    page.click(".tenures [type=submit]")
    page.wait_for_selector(".tenures [data-tie]")
    told = page.inner_text(".tenures")
    assert "2015-06-01" in told and "钱甲试" not in told and "19000000777" not in told

    page.click(".tenures .end")
    page.fill(".ending [type=date]", "2015-01-01")
    page.click(".ending [type=submit]")
    page.wait_for_selector(".tenures [role=alert]")
    page.fill(".ending [type=date]", "2020-01-01")
    page.click(".ending [type=submit]")
    page.wait_for_selector(".tenures .past")
    page.click(".tenures .remove")
    until(page, '!document.querySelector(".tenures [data-tie]")', "the slip leaves the page")

    firm = centre.get("/register/records/organisations", limit=1)["items"][0]["cells"]["name"]
    page.click(".family .person")
    page.click(".work-begin")
    page.fill("#work-words", firm)
    page.click(".work .look-go")
    page.click(".work .found [type=radio] >> nth=0")
    page.click(".work [type=submit]")
    page.wait_for_selector(".work [data-tie]")
    assert firm[:4] in page.inner_text(".work [data-tie]")
    page.click(".work .remove")
    until(page, '!document.querySelector(".work [data-tie]")', "the workplace leaves the page")
