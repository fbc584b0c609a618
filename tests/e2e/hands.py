"""The other people of a case, acting over the API, so that a page test can be about one person's pages."""

from __future__ import annotations

import uuid
from typing import Any

import httpx


class Hand:
    """Somebody signed in over the API."""

    def __init__(self, url: str, account: dict[str, str] | None = None) -> None:
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=30, headers={"Accept-Language": "zh-CN"})
        self.me = self._read(self.http.get("/me"))
        if account:
            body = {"username": account["username"], "password": account["password"]}
            self.me = self._write("/session", body)

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return self._read(
            self.http.get(path, params={name: value for name, value in query.items() if value is not None})
        )

    def post(self, path: str, **body: Any) -> Any:
        """Write something under a fresh key."""
        return self._write(path, {"key": str(uuid.uuid4()), **body})

    def ground(self) -> tuple[float, float]:
        """A point inside the grid this person serves."""
        grid = self.get(f"/grids/{self.me['hats'][0]['grid_id']}")
        return float(grid["lon"]), float(grid["lat"])

    def report(self, words: str, lon: float, lat: float, **more: Any) -> dict[str, Any]:
        """File a case."""
        body = {"key": str(uuid.uuid4()), "words": words, "lon": lon, "lat": lat, "channel": "snap", **more}
        return dict(self._write("/cases", body))

    def act(self, case: str, action: str, *, assignment: str | None = None, **fields: Any) -> dict[str, Any]:
        """Do an action the case offers; required fields not given are filled from what the offer says."""
        detail = self.get(f"/cases/{case}")
        offers = [
            offer
            for offer in detail["actions"]
            if offer["action"] == action and assignment in (None, offer["assignment"])
        ]
        assert offers, (
            f"{action} is not offered, only {[offer['action'] for offer in detail['actions']]} ({detail['status']})"
        )
        offer = offers[0]
        body: dict[str, Any] = {
            "key": str(uuid.uuid4()),
            "version": detail["version"],
            "assignment": offer["assignment"],
        }
        for field in offer["fields"]:
            if field["name"] in fields:
                body[field["name"]] = fields[field["name"]]
            elif field["required"]:
                body[field["name"]] = self._fill(field, detail)
        return dict(self._write(f"/cases/{case}/actions/{action}", body))

    def photo(self, kind: str = "after") -> str:
        """Send a small picture; its id."""
        from io import BytesIO

        from PIL import Image

        held = BytesIO()
        Image.new("RGB", (640, 480), (120, 140, 120)).save(held, "JPEG")
        key = str(uuid.uuid4())
        answer = self.http.post(
            "/photos",
            files={"file": ("a.jpg", held.getvalue(), "image/jpeg")},
            data={"kind": kind, "key": key},
            headers=self._csrf(),
        )
        return str(self._read(answer)["id"])

    def _fill(self, field: dict[str, Any], detail: dict[str, Any]) -> Any:
        kind = field["kind"]
        if kind == "text":
            return "已按要求办理"
        if kind == "choice":
            return field["options"][0]["key"]
        if kind == "choices":
            return [option["key"] for option in field["options"]]
        if kind == "photos":
            return [self.photo()]
        if kind == "bool":
            return True
        if kind == "stars":
            return 5
        if kind == "matter":
            return (
                detail["guesses"][0]["matter"]["code"]
                if detail["guesses"]
                else self.get("/matters", limit=1)["items"][0]["code"]
            )
        raise AssertionError(f"no value for a field of kind {kind}")

    def _csrf(self) -> dict[str, str]:
        token = self.http.cookies.get("csrftoken") or self.me.get("csrf")
        return {"X-CSRFToken": token} if token else {}

    def _write(self, path: str, body: dict[str, Any]) -> Any:
        return self._read(self.http.post(path, json=body, headers=self._csrf()))

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        assert answer.status_code < 400, (
            f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
        )
        return answer.json() if answer.content else None
