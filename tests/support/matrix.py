"""Who stands how to a case, for the access matrix: one person per relation, three cases, a canary in each."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from support.people import ActingAs, Api
from support.world import World

from onegrid.county.workforce import selectors as workforce
from onegrid.county.workforce import services as appointments
from onegrid.foundation.accounts.models import User
from onegrid.foundation.accounts.services import keys, people

LAMP = "TL-C0203"
NOW = datetime.now(UTC)
PLACES = ("here", "there")
PHONES = {"here": "13812340001", "there": "13812340002"}
NAMES = {"here": "金丝雀甲", "there": "金丝雀乙"}


@dataclass
class Seen:
    """A case and the words only those who may see it can know."""

    id: str
    number: str
    track_code: str
    token: str
    photo: str = ""
    reporter: str = ""
    version: int = 0


@dataclass
class Cast:
    """The persons by relation to the case `here`, and the cases by place."""

    apis: dict[str, Api] = field(default_factory=dict)
    cases: dict[str, Seen] = field(default_factory=dict)
    sees: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, name: str, api: Api, *sees: str) -> Api:
        """One person and the places whose cases he sees."""
        self.apis[name] = api
        self.sees[name] = frozenset(sees)
        return api


class Casting:
    """Builds the cast in a planted world."""

    def __init__(self, world: World, locality: str, acting_as: ActingAs) -> None:
        self.world, self.locality, self.acting_as = world, locality, acting_as
        self.number = 5000

    def make(self) -> Cast:
        """Everybody, the two cases, the grant."""
        cast, world = Cast(), self.world
        here, there = world.leaf, self._elsewhere()
        dispatcher = cast.add(
            "parent: county dispatcher", self.token(world.staff("dispatcher", scope="r.").user_id), *PLACES
        )
        self._report(cast, "here", here.lon, here.lat)
        self._report(cast, "there", there.lon, there.lat)
        cast.add("own: grid worker", self.token(world.staff("worker").user_id), "here")
        for name, scope in self._chain(here.scope_path).items():
            cast.add(f"parent: {name}", self.appointed(scope), "here")
        for name, scope in self._chain(there.scope_path).items():
            sees = ("here", "there") if here.scope_path.startswith(scope) else ("there",)
            cast.add(f"elsewhere: {name}", self.appointed(scope), *sees)
        with self.acting_as():
            lead, other = world.officer("UM"), world.officer("JU")
        cast.add("department: lead", self.token(lead.user_id), "here")
        cast.add("department: other", self.token(other.user_id))
        cast.add("stranger: resident", self.resident("13812349999"))
        cast.add("anonymous", Api(self.locality))
        cast.add("staff without a hat", self.token(self._user().pk))
        self._dispatch(cast, dispatcher, str(lead.department_id))
        return cast

    def token(self, user_id: int | None) -> Api:
        """The API for somebody of the staff."""
        api = Api(self.locality)
        with self.acting_as():
            api.token = keys.make(user_id=user_id, kind="token", label="matrix", now=NOW)[1]
        return api

    def disabled(self) -> Api:
        """Somebody who was at work a moment ago."""
        with self.acting_as():
            user = self._user()
            self._appoint(user, "r.")
        api = self.token(user.pk)
        assert api.get("/cases").status_code == 200
        with self.acting_as():
            people.disable(user, NOW)
        return api

    def revoked(self) -> Api:
        """A person at work with a token that was taken back a moment ago."""
        user_id = self.world.staff("dispatcher", scope="r.").user_id
        api = Api(self.locality)
        with self.acting_as():
            key, api.token = keys.make(user_id=user_id, kind="token", label="matrix", now=NOW)
            assert keys.revoke(key.pk, user_id=user_id or 0, now=NOW)
        return api

    def ended(self) -> Api:
        """Somebody whose appointment ended today."""
        with self.acting_as():
            user = self._user()
            self._appoint(user, "r.")
            hat = workforce.hats_of(user.pk, NOW.date())[0]
            appointments.end(hat.id, on=date(2026, 1, 2), reason="resigned")
        return self.token(user.pk)

    def appointed(self, scope: str) -> Api:
        """A new person with the first position that sits at `scope`."""
        with self.acting_as():
            user = self._user()
            self._appoint(user, scope)
        return self.token(user.pk)

    def resident(self, phone: str) -> Api:
        """A resident, signed in by phone code."""
        api = Api(self.locality)
        sent = api.post("/resident/code", {"phone": phone}).json()
        drawer = api.get(f"/resident/drawer?token={sent['drawer']}").json()
        code = re.search(r"\d{6}", drawer["messages"][0]["text"])
        assert code
        assert api.post("/resident/session", {"phone": phone, "code": code[0]}).status_code == 200
        return api

    def _user(self) -> User:
        self.number += 1
        with self.acting_as():
            return User.objects.create(pk=self.number, username=f"user{self.number}", password="", display_name="某")

    def _appoint(self, user: User, scope: str) -> None:
        grid = next(one for one in [*self.world.planted.values(), *self.world.leaves] if one.scope_path == scope)
        for position in workforce.positions():
            try:
                appointments.appoint(
                    appointments.Draft(user=user.pk, position=position.key, grid=grid.id, valid_from=date(2025, 1, 1))
                )
            except appointments.WrongPlace:
                continue
            return
        raise LookupError(scope)

    def _elsewhere(self) -> Any:
        """A leaf of another village, of another township when there is one."""
        own = self.world.leaf.scope_path.split(".")
        others = [leaf for leaf in self.world.leaves if leaf.scope_path.split(".")[:4] != own[:4]]
        return max(others, key=lambda leaf: leaf.scope_path.split(".")[:2] != own[:2])

    def _chain(self, path: str) -> dict[str, str]:
        """The divisions above a leaf, below the county."""
        above = [grid for grid in self.world.planted.values() if path.startswith(grid.scope_path)]
        chain = sorted((grid.scope_path for grid in above), key=len)[1:]
        return dict(zip(("township", "village"), chain, strict=False))

    def _report(self, cast: Cast, place: str, lon: float, lat: float) -> None:
        token = f"canary{place}{uuid4().hex[:12]}"
        api = cast.add(f"reporter: {place}", self.resident(PHONES[place]), place)
        photo = self._photo(api)
        body = {
            "photos": [photo],
            "key": str(uuid4()), "words": f"路灯不亮 {token}", "lon": lon, "lat": lat, "matter": LAMP,
            "contact": {"name": NAMES[place], "phone": PHONES[place]},
        }  # fmt: skip
        answer = api.post("/cases", body)
        assert answer.status_code == 201, answer.content
        made = answer.json()
        cast.cases[place] = Seen(made["id"], made["number"], made["track_code"], token, photo)

    def _photo(self, api: Api) -> str:
        """A photo of the reporter's, not yet attached."""
        out = io.BytesIO()
        Image.new("RGB", (8, 8), "green").save(out, "JPEG")
        answer = api.client.post(
            f"/{self.locality}/api/v1/photos",
            {"file": SimpleUploadedFile("a.jpg", out.getvalue()), "kind": "near", "key": str(uuid4())},
            headers={"X-CSRFToken": api.client.cookies["csrftoken"].value},
        )
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def _dispatch(self, cast: Cast, dispatcher: Api, department: str) -> None:
        """The case `here` goes to the lead department."""
        case = cast.cases["here"]
        for action, more in (("accept", {}), ("dispatch", {"department": department})):
            version = dispatcher.get(f"/cases/{case.id}").json()["version"]
            body = {"key": str(uuid4()), "version": version, **more}
            answer = dispatcher.post(f"/cases/{case.id}/actions/{action}", body)
            assert answer.status_code == 200, answer.content
        for place in PLACES:
            detail = dispatcher.get(f"/cases/{cast.cases[place].id}").json()
            cast.cases[place].version = detail["version"]
            cast.cases[place].reporter = str(detail["reporters"][0]["id"])
