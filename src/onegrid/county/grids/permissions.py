"""Who may draft the map, and who decides: a township draws its own grids, the county lets them take effect."""

from __future__ import annotations

from typing import Final

from onegrid.county.grids.errors import DraftNotFound
from onegrid.county.grids.models import Draft
from onegrid.county.grids.rules import paths
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden

DRAW: Final = "draw"
ADMINISTER: Final = "administer"
EDITED: Final = frozenset({"open"})
DROPPED: Final = frozenset({"open", "stopped", "failed", "refused"})


def may_draw(actor: Actor) -> None:
    """Raise `Forbidden` unless the hat worn draws grids. A department's hat has none to draw."""
    permissions.duty(actor, DRAW, ADMINISTER)
    if not actor.scope_path or actor.department_path:
        raise Forbidden()


def find_draft(actor: Actor, draft_id: int, *, lock: bool = False) -> Draft:
    """The draft, if it lies in the actor's grids; `DraftNotFound` for missing and out of sight alike."""
    may_draw(actor)
    found = Draft.objects.filter(pk=draft_id)
    draft = (found.select_for_update() if lock else found).first()
    if draft is None:
        raise DraftNotFound()
    return draft


def decides(actor: Actor, draft: Draft) -> bool:
    """Whether the hat lets this draft take effect: it administers a grid around it. What somebody drew himself is
    decided by another, but for the top of the locality, above which there is nobody."""
    if ADMINISTER not in actor.duties or not paths.within(draft.scope_path, actor.scope_path):
        return False
    return draft.author != actor.user_id or actor.scope_path == paths.ROOT


def allowed(actor: Actor, draft: Draft) -> list[str]:
    """What the actor may do with the draft as it stands; the pages show no other buttons."""
    found: list[str] = []
    if draft.state in EDITED:
        found += ["edit", "send"]
        found += ["undo"] if draft.step > 0 else []
        found += ["redo"] if draft.step < draft.steps else []
    if draft.state == "sent":
        found += ["recall"]
        found += ["decide"] if decides(actor, draft) else []
    if draft.state in DROPPED:
        found.append("drop")
    if draft.state in ("waiting", "running"):
        found.append("stop")
    if draft.state in ("stopped", "failed"):
        found.append("resume")
    return found
