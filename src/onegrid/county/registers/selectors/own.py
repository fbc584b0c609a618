"""What a resident is told about the data held on him: what, why and until when, and who looked.

Called with the scope `own_data` widened where a resident asks; his own values leave masked, since a phone may be in
other hands for a moment. Nothing of anybody else in the household is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from onegrid.county.registers.models import Account, Employment, Request, Resident, Stay, Tenure
from onegrid.county.registers.selectors import choices, returnees
from onegrid.county.registers.selectors.merged import entered_as
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.journal.models import AuditRow
from onegrid.foundation.kernel.masking import STAR, mask_id_number, mask_name, mask_phone
from onegrid.foundation.kernel.texts import Lang, has_text, text

FIELDS: Final = (
    "name", "sex", "birth_date", "id_kind", "id_number", "phone", "address", "relation", "registered", "since",
)  # fmt: skip
"""What a resident's own row says, in the order people read it."""
PARTS: Final = ("stays", "tenures", "employments", "cares", "returnees", "accounts")
"""What else may be held; each is a part with a retention rule of its own."""
HOWS: Final = ("read", "search", "reveal", "export")
LOOKS: Final = tuple(f"resident.{how}" for how in HOWS)
PAGE: Final = 20
SEX: Final = {0: "unknown", 1: "male", 2: "female", 9: "unknown"}


@dataclass(frozen=True)
class Held:
    """One thing that is held: what it is called, what it says (masked), why it is kept and until when."""

    key: str
    title: str
    value: str
    why: str
    until: str


@dataclass(frozen=True)
class Look:
    """One look at a resident: when, by whom, of which unit, how and for what."""

    id: int
    at: datetime
    name: str
    title: str
    unit: str
    how: str
    how_word: str
    purpose: str
    questioned: str
    """Number of the case in which the resident asked about it; '' when he did not."""


def linked(account: UUID, now: datetime) -> Resident | None:
    """The person an account was tied to, unless the link was idle for too long."""
    since = now - timedelta(days=choices.keeping()["accounts"].days)
    found = (
        Account.objects.filter(account=account, seen_at__gte=since)
        .select_related("resident__household__dwelling__building")
        .first()
    )
    return found.resident if found else None


def held(person: Resident, account: UUID, *, lang: Lang) -> list[Held]:
    """Everything the registers hold about somebody."""
    rules = choices.keeping()

    def told(key: str, title: str, value: str, rule: str) -> Held:
        kept, english = rules[rule], lang == "en"
        return Held(
            key, title, value, kept.why.en if english else kept.why.zh, kept.until.en if english else kept.until.zh
        )

    values = _values(person, lang)
    found = [told(key, title_of(key, lang), values[key], "residents") for key in FIELDS if values[key]]
    counts = {
        "stays": Stay.objects.filter(resident=person).count(),
        "tenures": Tenure.objects.filter(resident=person).count(),
        "employments": Employment.objects.filter(resident=person).count(),
        "cares": person.cares.count(),
        "returnees": len(returnees.held_by(account)),
    }
    for key, count in counts.items():
        if count:
            found.append(told(key, title_of(key, lang), text("register_access.held.entries", lang, count=count), key))
    linked_word = text("register_access.held.linked", lang)
    return [*found, told("accounts", title_of("accounts", lang), linked_word, "accounts")]


def title_of(field: str, lang: Lang) -> str:
    """What something that is held is called. KeyError for a part there is not."""
    if field in FIELDS:
        return text(f"register_access.held.{field}", lang)
    title = choices.keeping()[field].title
    return title.en if lang == "en" else title.zh


def _values(person: Resident, lang: Lang) -> dict[str, str]:
    """The row's own values as words, personal ones masked; '' for what is not known."""
    door = person.household.dwelling
    return {
        "name": mask_name(person.name),
        "sex": text(f"register_access.sex.{SEX[person.sex]}", lang) if person.sex in (1, 2) else "",
        "birth_date": _birth(person),
        "id_kind": _chosen("resident.id_kind", person.id_kind, lang),
        "id_number": mask_id_number(person.id_number or ""),
        "phone": mask_phone(person.phone or ""),
        "address": f"{door.building.name} {door.label}".strip(),
        "relation": _chosen("resident.relation", person.relation, lang),
        "registered": _chosen("resident.registered", person.registered, lang),
        "since": _day(person.since),
    }


def _birth(person: Resident) -> str:
    year = str(person.birth_year) if person.birth_year else (person.birth_date or "")[:4]
    return f"{year}-{STAR * 2}-{STAR * 2}" if year and person.birth_date else year


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _chosen(name: str, key: str, lang: Lang) -> str:
    """The title of a choice; a key the pack dropped is told as it stands."""
    if not key:
        return ""
    one = choices.choices(name).get(key)
    return key if one is None else one.title.en if lang == "en" else one.title.zh


def looks_at(person: int, account: UUID, *, lang: Lang, before: int | None = None) -> tuple[list[Look], int | None]:
    """The newest looks at a resident of the register, or those before one; and where to go on, if anywhere.

    Six statements, however many there are.
    """
    entries = [str(one) for one in entered_as([person])]
    found = AuditRow.objects.filter(subject_kind="resident", subject_id__in=entries, action__in=LOOKS)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    hats = workforce.worn({int(row.hat) for row in rows if row.hat.isdigit()})
    names = accounts.names_of({row.user for row in rows if row.user is not None})
    asked = dict(
        Request.objects.filter(account=account, look__in=[row.pk for row in rows]).values_list("look", "number")
    )
    items = [_look(row, hats.get(int(row.hat) if row.hat.isdigit() else 0), names, asked, lang) for row in rows]
    return items, (rows[-1].pk if more else None)


def _look(
    row: AuditRow, hat: workforce.Hat | None, names: dict[int, str], asked: dict[int | None, str], lang: Lang
) -> Look:
    how = row.action.partition(".")[2]
    english = lang == "en"
    place = "" if hat is None else (hat.place_en if english else hat.place)
    return Look(
        id=row.pk,
        at=row.at,
        name=names.get(row.user or 0, ""),
        title=hat.title(lang) if hat else text(f"register_access.looker.{_kind(row)}", lang),
        unit=place,
        how=how,
        how_word=_how_word(row, how, lang),
        purpose=purpose_word(row.purpose, lang),
        questioned=asked.get(row.pk, ""),
    )


def _how_word(row: AuditRow, how: str, lang: Lang) -> str:
    """What was seen, in words; the fields that were told whole are named."""
    named = [f"register_access.held.{field}" for field in row.detail.get("fields", ())]
    told = [text(key, lang) for key in named if has_text(key)]
    said = text(f"register_access.how.{how}", lang)
    if not told:
        return said
    return text("register_access.how.of", lang, how=said, fields=text("register_access.how.comma", lang).join(told))


def _kind(row: AuditRow) -> str:
    return row.actor_kind if row.actor_kind in ("staff", "resident", "integration") else "system"


def purpose_word(purpose: str, lang: Lang) -> str:
    """A purpose as people read it: the pack's title for its key, else the words that were given."""
    one = choices.purposes().get(purpose)
    return purpose if one is None else one.title.en if lang == "en" else one.title.zh


def is_look_at(person: int, look: int) -> bool:
    """Whether this row of the log is a look at this person."""
    return AuditRow.objects.filter(
        pk=look, subject_kind="resident", subject_id__in=[str(one) for one in entered_as([person])], action__in=LOOKS
    ).exists()


def requests_of(account: UUID) -> Sequence[Request]:
    """What an account asked about its own data, newest first."""
    return list(Request.objects.filter(account=account).order_by("-asked_at")[:50])


def page(account: UUID, *, lang: Lang, now: datetime) -> dict[str, Any]:
    """The resident's own page: who he is here, what is held, what he asked for."""
    person = linked(account, now)
    requests = [
        {
            "id": one.pk, "kind": one.kind, "kind_word": text(f"register_access.kind.{one.kind}", lang),
            "field": one.field, "look": str(one.look) if one.look else "", "number": one.number, "case": one.case,
            "track_code": one.track_code, "asked_at": one.asked_at, "answer_by": one.due_on,
        }
        for one in requests_of(account)
    ]  # fmt: skip
    if person is None:
        return {"linked": False, "name": "", "door": "", "items": [], "requests": requests}
    return {
        "linked": True,
        "name": mask_name(person.name),
        "door": person.household.dwelling.label,
        "items": held(person, account, lang=lang),
        "requests": requests,
    }
