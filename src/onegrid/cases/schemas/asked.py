"""What the case API takes. `Report` and `CaseQuery` are what the flow and the selectors make of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import BaseModel, ConfigDict, StringConstraints

from onegrid.cases.flow.intake import Report
from onegrid.cases.selectors.queue import CaseQuery

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=64)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class PreviewIn(Schema):
    """Words and a point, before filing. Without a point the answer tells which places the words may mean."""

    words: Words = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Contact(Schema):
    """How to reach the reporter; stored encrypted."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20, pattern=r"^[0-9+ -]*$")] = ""


class OnTheSpot(Schema):
    """A worker's answer when the matter was settled at once."""

    words: Words
    photos: list[UUID] = Field(default_factory=list, max_length=9)
    confirmed: bool = Field(True, description="Whoever was concerned says it is settled.")


class ReportIn(Schema):
    """A report. `key` is the case's id, made by the sender: sending it again is safe."""

    key: UUID
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    lon: Longitude | None = None
    lat: Latitude | None = None
    grid: str | None = Field(None, max_length=18, description="A grid's id, when there is no point.")
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(
        "", description="Without point and grid, the place it surely means; else that of `words`."
    )
    matter: str | None = Field(None, max_length=40)
    condition: int | None = Field(None, ge=0, le=99)
    photos: list[UUID] = Field(default_factory=list, max_length=9)
    channel: str = Field("snap", max_length=20)
    device_at: datetime | None = None
    anonymous: bool = False
    contact: Contact | None = None
    confidential: bool = False
    complained: str | None = Field(None, max_length=20, description="Id of the department the complaint is about.")
    join: UUID | None = Field(None, description="An open case this report says the same as.")
    on_the_spot: OnTheSpot | None = None

    def as_report(self) -> Report:
        """The report as the flow takes it."""
        contact = self.contact or Contact()
        spot = self.on_the_spot
        return Report(
            key=self.key,
            words=self.words,
            lon=self.lon,
            lat=self.lat,
            grid=self.grid,
            address=self.address,
            matter=self.matter or None,
            condition=self.condition,
            photos=tuple(self.photos),
            channel=self.channel,
            device_at=self.device_at,
            anonymous=self.anonymous,
            contact_name=contact.name,
            contact_phone=contact.phone,
            confidential=self.confidential,
            complained=self.complained,
            join=self.join,
            on_the_spot=spot.model_dump(mode="json") if spot else None,
        )


class ActionIn(BaseModel):
    """An action on a case. Beside these, the fields the offer named, by their names."""

    # Not ninja's Schema: that one reads its input through a getter and loses fields it does not know.

    model_config = ConfigDict(extra="allow")

    key: Key
    version: int | None = Field(
        None, ge=0, description="The version the sender saw; refused with 409 when it has moved on."
    )
    assignment: str | None = Field(None, max_length=64)
    device_at: datetime | None = None
    track_code: str | None = Field(None, max_length=40, description="A reporter without a sign-in acts by this code.")

    def fields(self) -> dict[str, Any]:
        """The action's own fields, as sent."""
        return dict(self.model_extra or {})


class RevealIn(Schema):
    """Why a masked field is needed."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class CaseFilter(Schema):
    """The filter of a queue: each part narrows it; the same words stand in the page's URL."""

    tab: Literal["todo", "done", "closed", "mine", "all", "copied"] = "all"
    status: str | None = Field(None, max_length=200, description="One or more statuses, comma between.")
    matter: str | None = Field(None, max_length=40)
    department: str | None = Field(None, max_length=20)
    grid: str | None = Field(None, max_length=20, description="The grid and everything below it.")
    channel: str | None = Field(None, max_length=20)
    due: Literal["soon", "over"] | None = None
    measure: str | None = Field(None, max_length=20, description="A dashboard measure: the cases it counted.")
    day_from: date | None = None
    day_to: date | None = None
    direct: bool | None = Field(None, description="With `grid`: only what lies in that grid itself, nothing below it.")
    hour: str | None = Field(
        None, max_length=4, description="Day of the week (Monday is 1) and local hour of the report: 3-09."
    )
    supervised: bool | None = None
    q: str | None = Field(None, max_length=60)
    sort: Literal["due", "reported", "-reported"] = "-reported"
    bbox: str | None = Field(None, max_length=100, description="west,south,east,north in WGS84 degrees.")
    within: str | None = Field(
        None, max_length=3500, description="An area drawn on the map: lon,lat;lon,lat;… with 3 to 80 corners, WGS84."
    )

    def as_query(self) -> CaseQuery:
        """The filter as selectors take it."""
        return CaseQuery(**self.model_dump())
