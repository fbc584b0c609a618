"""A case for what a resident asks about the data held on him; it must be closed within the limit the law sets."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from onegrid.cases.flow import intake
from onegrid.cases.permissions import Actor
from onegrid.county.matters.rules.limits import Limit, Unit
from onegrid.county.registers.services.own import Asked, Opened


def open_case(actor: Actor, asked: Asked, now: datetime) -> Opened:
    """A confidential report of the resident's own, with the clock of its close running from now."""
    report = intake.Report(key=asked.key, words=asked.words, grid=asked.grid, channel="snap", confidential=True)
    answer = intake.report(actor=actor, report=report, now=now, close_within=Limit(asked.days, Unit.CALENDAR_DAY))
    return Opened(UUID(str(answer.body["id"])), str(answer.body["number"]), str(answer.body["track_code"]))
