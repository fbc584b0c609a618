"""Closed lists of the workforce: what a position may do, of what kind it is, on which face it works.

A pack gives positions any titles and combines duties; it cannot invent a duty, because code asks for duties by name.
"""

from __future__ import annotations

from enum import StrEnum


class Duty(StrEnum):
    """What somebody may be asked to do."""

    REPORT = "report"
    HANDLE = "handle"
    TRIAGE = "triage"
    VERIFY = "verify"
    WHISTLE = "whistle"
    ATTEND = "attend"
    """Confirm that a department that was whistled for has come."""
    APPROVE = "approve"
    """Grant extensions and suspensions."""
    SUPERVISE = "supervise"
    REVISIT = "revisit"
    COMMAND = "command"
    ANNOUNCE = "announce"
    """Write notices to everybody in the grid one leads and below it."""
    DRAW = "draw"
    """Draft the grids inside one's own; whoever administers around it lets them take effect."""
    ADMINISTER = "administer"
    AUDIT = "audit"


KINDS = (
    "dispatcher",
    "secretary",
    "leader",
    "worker",
    "household_head",
    "officer",
    "inspector",
    "commander",
    "administrator",
    "police",
    "medic",
    "mediator",
    "enforcement",
    "volunteer",
    "agent",
    "liaison",
    "instructor",
)
FACES = ("desk", "worker")
CHOSEN_BY = ("appointed", "elected", "volunteered", "nominated", "selected", "hired")
DUTIES = tuple(str(duty) for duty in Duty)
NEEDED = (Duty.REPORT, Duty.TRIAGE, Duty.HANDLE, Duty.VERIFY, Duty.COMMAND, Duty.ADMINISTER)
"""Without somebody for each of these no case can be walked to its end."""
CENTRE_DUTY = Duty.TRIAGE
"""Whoever holds this in a grid makes that grid a grid centre."""
