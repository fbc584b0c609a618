"""What the registers store: places, people, organisations, and the work done on them.

├── places.py         buildings, dwellings, premises
├── people.py         households, residents, who lived where, who owns or rents what
├── organisations.py  shops, factories and offices that use premises, and who works there
├── search.py         blind search terms, beside the rows they lead to
├── imports.py        runs of the importer and their batches
├── changes.py        what changed, what waits for confirmation, which residents look like one
├── care.py           people who need help, and people who came back
└── access.py         who a signed-in resident is, exports waiting for approval
"""

from __future__ import annotations

from onegrid.county.registers.models.access import Account, Export, LookCount, Request
from onegrid.county.registers.models.care import Care, CareHelper, CareVisit, Returnee
from onegrid.county.registers.models.changes import Change, ChangeReceipt, Consumer, ConsumerFetch, Duplicate
from onegrid.county.registers.models.imports import Import, ImportBatch
from onegrid.county.registers.models.organisations import Employment, Organisation
from onegrid.county.registers.models.people import Household, Resident, Stay, Tenure
from onegrid.county.registers.models.places import Building, Dwelling, Premises
from onegrid.county.registers.models.search import SearchTerms

__all__ = [
    "Account",
    "Building",
    "Care",
    "CareHelper",
    "CareVisit",
    "Change",
    "ChangeReceipt",
    "Consumer",
    "ConsumerFetch",
    "Duplicate",
    "Dwelling",
    "Employment",
    "Export",
    "Household",
    "Import",
    "ImportBatch",
    "LookCount",
    "Organisation",
    "Premises",
    "Request",
    "Resident",
    "Returnee",
    "SearchTerms",
    "Stay",
    "Tenure",
]
