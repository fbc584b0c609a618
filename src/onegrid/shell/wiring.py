"""The one place where flow goes back up: who hears of which event, and what lower floors ask of higher ones.

Tables only. A line names a thing below and what it is connected to; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from onegrid.cases import features as case_features
from onegrid.cases import tasks as case_tasks
from onegrid.cases.events import MOVED as CASE_MOVED
from onegrid.cases.flow import own_data, regrid
from onegrid.cases.permissions import may_see as may_see_case
from onegrid.cases.selectors import spread
from onegrid.county.grids import features as grid_features
from onegrid.county.grids import surroundings
from onegrid.county.grids.events import REPLACED
from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.grids.selectors import addresses
from onegrid.county.grids.services import schemes
from onegrid.county.matters import services as matters
from onegrid.county.organisations import services as organisations
from onegrid.county.registers import services as registers
from onegrid.county.registers.selectors.addresses import Buildings
from onegrid.county.registers.selectors.homes import homes, leaders
from onegrid.county.registers.services import own as own_register
from onegrid.county.workforce import following as in_charge
from onegrid.county.workforce import selectors as appointments
from onegrid.county.workforce import services as workforce
from onegrid.foundation.accounts import hats
from onegrid.foundation.features import collections as features
from onegrid.foundation.files import owners
from onegrid.foundation.journal.services import outbox
from onegrid.foundation.messages import services as messages
from onegrid.foundation.packs import LoadedPack
from onegrid.programmes.community import services as community

HANDLERS: outbox.Handlers = {
    CASE_MOVED: (case_tasks.tell_reporters,),
    messages.TOPIC: (messages.deliver,),
    REPLACED: (regrid.follow, registers.follow, community.follow, in_charge.follow),
    registers.TOPIC: (registers.follow,),
}
"""Who hears of which topic of the outbox."""

STATES: Mapping[str, str] = {"map.changed": "SELECT version FROM grids_mapversion"}
"""Numbers that every open page is told when they change, and how to ask for them."""


def apply_pack(pack: LoadedPack, *, now: datetime) -> None:
    """Load a pack into the locality in force, lower modules first; repeating it changes nothing.

    Runs in one transaction over the whole locality. Apply it again after planting grids, so that the units of
    townships and villages find their place.
    """
    schemes.apply(pack.section("grids", GridsPart))
    organisations.apply(pack)
    matters.apply(pack, now=now)
    workforce.apply(pack)


def connect() -> None:
    """Hand lower floors what they ask of higher ones; called once, when the apps are ready."""
    hats.use(appointments.hats_at)
    features.register(*grid_features.COLLECTIONS, *case_features.COLLECTIONS)
    owners.register_owner_check("case", may_see_case)
    own_register.use(own_data.open_case)
    addresses.use(Buildings())
    surroundings.use(surroundings.Surroundings(homes, spread.open_cases, in_charge.held, appointments.day_of, leaders))
