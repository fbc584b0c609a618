"""The life of one import: begun, taken up by whoever runs it, cancelled, resumed, finished.

    uploaded → waiting → running → done
                  ↑ resume ↑  ↓
                cancelled, failed

The row is the only truth: a batch is stored if and only if the same transaction finds the run still running and at the
row where the batch begins. So two processes cannot store one batch twice, and a cancelled run stores nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db.models import Q

from onegrid.county.registers.errors import AnotherImport, ImportOver
from onegrid.county.registers.models import Import
from onegrid.county.registers.rules.kinds import Kind
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import standing
from onegrid.foundation.journal import services as journal

Mode = Literal["all_good", "whole_batch"]
SILENT: Final = timedelta(seconds=90)
"""A run of the command line nobody has heard of for so long has lost its process: between batches it is silent."""
GONE: Final = timedelta(seconds=20)
"""One of the desk has then: who started its process says every few seconds that it lives."""


@dataclass(frozen=True)
class Draft:
    """What an import is begun with. `mapping` is our column → title in the file."""

    kind: Kind
    name: str
    digest: str
    mapping: Mapping[str, str]
    total: int
    encoding: str
    mode: Mode = "all_good"
    dry_run: bool = False
    stored: str = ""


def begin(actor: Actor, draft: Draft, *, at: datetime, waiting: bool = True) -> Import:
    """Note an import in the caller's own scope; `waiting` for whoever runs it, else first to be looked at."""
    made = Import.objects.create(
        scope_path=actor.scope_path or standing().scope, kind=draft.kind, name=draft.name, digest=draft.digest,
        encoding=draft.encoding, mapping=dict(draft.mapping), mode=draft.mode, dry_run=draft.dry_run,
        state="waiting" if waiting else "uploaded", total=draft.total, user=actor.user_id, stored=draft.stored,
        created_at=at,
    )  # fmt: skip
    detail = {"kind": draft.kind, "digest": draft.digest, "dry_run": draft.dry_run}
    journal.record(actor, "import.begin", ("import", made.pk), now=at, scope_path=made.scope_path, detail=detail)
    return made


def resumable(digest: str, kind: Kind) -> Import | None:
    """The last run of this very file that was not finished, in the caller's scope."""
    return (
        Import.objects.filter(digest=digest, kind=kind, dry_run=False, scope_path=standing().scope)
        .exclude(state="done")
        .order_by("-pk")
        .first()
    )


def take_up(run: int, *, at: datetime) -> Import:
    """Start or go on with a run. Raises `ImportOver` when it is over, `AnotherImport` when one is running elsewhere.

    Everything of a run is dated alike, so `started_at` stays when it is taken up again.
    """
    found = Import.objects.select_for_update().filter(pk=run).first()
    if found is None or found.state in ("done", "cancelled", "failed"):
        raise ImportOver()
    others = Import.objects.filter(state="running").exclude(silent(at)).exclude(pk=run)
    if others.exists():
        raise AnotherImport()
    found.state, found.started_at, found.beat_at = "running", found.started_at or at, at
    found.save(update_fields=["state", "started_at", "beat_at"])
    return found


def silent(at: datetime) -> Q:
    """Runs whose process is gone, by when they were last heard of."""
    return Q(stored="", beat_at__lt=at - SILENT) | (~Q(stored="") & Q(beat_at__lt=at - GONE))


def is_silent(run: Import, at: datetime) -> bool:
    """Whether a run that is said to be running has lost its process."""
    if run.state != "running" or run.beat_at is None:
        return False
    return run.beat_at < at - (GONE if run.stored else SILENT)


def beat(run: int, *, at: datetime) -> None:
    """Its process lives."""
    Import.objects.filter(pk=run, state="running").update(beat_at=at)


def lost(run: int, *, behind: int) -> bool:
    """Let a run whose process is gone wait for the next one; one that came no further than the row `behind` stays, and
    is taken up when it was silent long enough: what kills it at once would kill it again. Whether it waits."""
    gone = Import.objects.filter(pk=run, state="running", last_row__gt=behind)
    return gone.update(state="waiting") == 1


def cancel(actor: Actor, run: Import, *, at: datetime) -> Import:
    """Stop behind the batch that is being stored; what went in stays in. Raises `ImportOver` after the end."""
    found = Import.objects.select_for_update().get(pk=run.pk)
    if found.state in ("done", "failed"):
        raise ImportOver()
    if found.state != "cancelled":
        found.state, found.finished_at = "cancelled", at
        found.save(update_fields=["state", "finished_at"])
        journal.record(actor, "import.cancel", ("import", found.pk), now=at, scope_path=found.scope_path)
    return found


def resume(actor: Actor, run: Import, *, at: datetime) -> Import:
    """Let a run go on behind its last batch: a cancelled or failed one, or one whose process is gone.

    Raises `ImportOver` when it is done.
    """
    found = Import.objects.select_for_update().get(pk=run.pk)
    if found.state == "done":
        raise ImportOver()
    if found.state in ("cancelled", "failed", "uploaded"):
        found.state, found.failure, found.finished_at = "waiting", "", None
        found.save(update_fields=["state", "failure", "finished_at"])
        journal.record(actor, "import.resume", ("import", found.pk), now=at, scope_path=found.scope_path)
    return found


def finish(run: int, *, at: datetime, failure: str = "") -> Import:
    """The file's end, or why it could not be reached."""
    found = Import.objects.select_for_update().get(pk=run)
    if found.state == "running":
        found.state, found.failure, found.finished_at = ("failed" if failure else "done"), failure, at
        found.save(update_fields=["state", "failure", "finished_at"])
        counts = {"added": found.added, "changed": found.changed, "same": found.same, "bad": found.bad}
        action = "import.fail" if failure else "import.done"
        journal.record(doer(found), action, ("import", run), now=at, scope_path=found.scope_path, detail=counts)
    return found


def doer(run: Import) -> Actor:
    """On whose behalf a run works."""
    return Actor(kind="staff" if run.user else "system", user_id=run.user, scope_path=run.scope_path)
