"""What the case engine stores. Fields and constraints only: `rules` decide, `flow` does, `selectors` read.

Every table but `Receipt` and `DayNumber` carries `scope_path` and lies under row-level security: the app's role sees a
subtree, a department sees what a `Grant` names, a resident sees what a `CaseReporter` names. `CaseAction` is
append-only by privilege; only its `scope_path` may follow the case when the place is corrected.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from onegrid.foundation.database.fields import EncryptedText, ScopePath, Terms
from onegrid.foundation.database.managers import ScopedManager


class Case(models.Model):
    """One reported thing, from report to close. `status` is what folding its actions gives, stored for queries."""

    id = models.UUIDField(primary_key=True, help_text="Made by the sender; also the key of the report.")
    number = models.TextField(unique=True)
    track_code = models.TextField(unique=True)
    scope_path = ScopePath()
    desk_path = models.TextField(db_collation="C", help_text="Path of the centre that holds it now.")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+", db_index=False, help_text="Today's grid.")
    reported_grid = models.ForeignKey(
        "grids.Grid", models.PROTECT, related_name="+", db_index=False, help_text="The grid it had when reported."
    )
    matter = models.ForeignKey("matters.Matter", models.PROTECT, null=True, related_name="+", db_index=False)
    condition = models.PositiveSmallIntegerField(null=True, help_text="Ordinal of the matter's condition.")
    department = models.ForeignKey(
        "organisations.Department",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who leads now.",
    )
    status = models.TextField()
    waits_on = models.TextField(default="", help_text="centre, verifier, assignee, reporter or empty when over.")
    pending = models.TextField(default="", help_text="return, extension or suspension that waits for an answer.")
    channel = models.TextField()
    severity = models.TextField(default="normal")
    title = models.TextField()
    words = models.TextField()
    address = models.TextField(default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    thumb = models.UUIDField(null=True)
    guesses = models.JSONField(default=list, help_text="What the classifier thought at intake: [[code, confidence]].")
    possible_duplicate = models.UUIDField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    reported_by = models.BigIntegerField(null=True, help_text="User, when staff reported.")
    reported_at = models.DateTimeField(help_text="Server time of the report.")
    device_at = models.DateTimeField(null=True, help_text="The sender's own clock.")
    reported_on = models.DateField()
    handled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    in_time = models.BooleanField(null=True, help_text="Set at close: no handling limit of this round was missed.")
    on_the_spot = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(null=True)
    rated_on = models.DateField(null=True)
    returned_on = models.DateField(null=True)
    reopened_on = models.DateField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1, help_text="Counts up when reopened; clocks belong to a round.")
    supervised = models.BooleanField(default=False)
    urged_at = models.DateTimeField(null=True)
    confidential = models.BooleanField(default=False)
    anonymous = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, help_text="The earliest running clock's deadline.")
    due_kind = models.TextField(default="")
    warn_at = models.DateTimeField(null=True, help_text="From when that clock counts as due soon.")
    paused = models.BooleanField(default=False)
    resume_on = models.DateField(null=True, help_text="The day a suspension ends by itself.")
    pack_version = models.TextField()
    version = models.PositiveIntegerField(default=1)
    last_seq = models.PositiveIntegerField(default=0)

    objects = ScopedManager()

    class Meta:
        # What each is for stands in docs/adr/0011-lists.md; a day and a path together give a subtree day by day.
        indexes = [
            models.Index(fields=["reported_on", "reported_at", "id"], name="case_day"),
            models.Index(fields=["reported_on", "scope_path"], name="case_day_scope"),
            models.Index(fields=["scope_path", "reported_on", "matter"], name="case_scope_day_matter"),
            models.Index(fields=["matter", "reported_on", "scope_path"], name="case_matter_day"),
            models.Index(fields=["department", "reported_on", "scope_path"], name="case_department_day"),
            models.Index(fields=["channel", "reported_on", "scope_path"], name="case_channel_day"),
            models.Index(
                fields=["status", "reported_on", "scope_path"],
                name="case_final_day",
                condition=Q(status__in=["rejected", "merged", "cancelled"]),
            ),
            models.Index(
                fields=["reported_on", "scope_path"], name="case_supervised_day", condition=Q(supervised=True)
            ),
            models.Index(fields=["closed_on", "scope_path"], name="case_closed", condition=Q(closed_on__isnull=False)),
            models.Index(fields=["rated_on", "scope_path"], name="case_rated", condition=Q(rated_on__isnull=False)),
            models.Index(
                fields=["returned_on", "scope_path"], name="case_returned", condition=Q(returned_on__isnull=False)
            ),
            models.Index(
                fields=["reopened_on", "scope_path"], name="case_reopened", condition=Q(reopened_on__isnull=False)
            ),
            models.Index(
                fields=["reported_on", "reported_at", "id"], name="case_waiting_day", condition=Q(waits_on__gt="")
            ),
            models.Index(
                fields=["scope_path", "status", "channel", "matter", "department"],
                name="case_waiting_scope",
                condition=Q(waits_on__gt=""),
            ),
            models.Index(
                fields=["desk_path", "waits_on", "due_at", "id"], name="case_waiting_desk", condition=Q(waits_on__gt="")
            ),
            models.Index(fields=["waits_on", "due_at", "id"], name="case_waiting_due", condition=Q(waits_on__gt="")),
            models.Index(
                fields=["pending", "desk_path", "due_at", "id"], name="case_pending", condition=Q(pending__gt="")
            ),
            models.Index(
                fields=["reported_on", "scope_path"], name="case_visit", condition=Q(status="rated", waits_on="centre")
            ),
            models.Index(fields=["due_at", "id"], name="case_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["scope_path", "due_at"], name="case_due_scope", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["warn_at"],
                include=["due_at", "scope_path", "status", "paused"],
                name="case_near",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(fields=["lon", "lat"], name="case_open_place", condition=Q(closed_on__isnull=True)),
            models.Index(fields=["resume_on"], name="case_resume", condition=Q(resume_on__isnull=False)),
            models.Index(fields=["merged_into"], name="case_merged", condition=Q(merged_into__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="case_rating_range"
            ),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="case_not_merged_into_itself"),
        ]


class CaseAction(models.Model):
    """One recorded action. Append-only: the fold of these is the case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="actions")
    scope_path = ScopePath()
    seq = models.PositiveIntegerField()
    action = models.TextField()
    at = models.DateTimeField(help_text="Server time.")
    device_at = models.DateTimeField(null=True)
    assignment = models.UUIDField(null=True)
    actor_kind = models.TextField()
    user = models.BigIntegerField(null=True)
    resident = models.UUIDField(null=True)
    actor_name = models.TextField(default="")
    position = models.TextField(default="")
    unit = models.TextField(default="")
    data = models.JSONField(default=dict)
    key = models.TextField(help_text="Idempotency key of the sender.")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="case_action_seq"),
            models.UniqueConstraint(fields=["case", "key"], name="case_action_key"),
        ]
        indexes = [
            models.Index(fields=["user", "case"], name="case_action_user", condition=Q(user__isnull=False)),
            models.Index(fields=["at"], name="case_action_at"),
        ]


class Assignment(models.Model):
    """One department's or grid's duty in a case."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    scope_path = ScopePath()
    kind = models.TextField(help_text="lead, joint, whistle or grid")
    department = models.ForeignKey("organisations.Department", models.PROTECT, null=True, related_name="+")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, null=True, related_name="+")
    grid_path = models.TextField(db_collation="C", default="")
    state = models.TextField()
    offered_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    round = models.PositiveSmallIntegerField(default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["department", "state"], name="assignment_department"),
            models.Index(fields=["grid_path", "state"], name="assignment_grid"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=False) | Q(grid__isnull=False), name="assignment_has_a_bearer"
            ),
        ]


class Clock(models.Model):
    """A limit and the stretches of time it ran and stood still; the deadline is computed from them."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks")
    scope_path = ScopePath()
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="clocks")
    kind = models.TextField(help_text="accept, arrive, handle, stage, verify or close")
    stage = models.TextField(default="")
    round = models.PositiveSmallIntegerField(default=1)
    limit_value = models.PositiveIntegerField()
    limit_unit = models.TextField()
    extensions = models.JSONField(default=list, help_text="Granted extensions: [[value, unit]].")
    segments = models.JSONField(default=list)
    state = models.TextField(default="running", help_text="running, paused, met, missed or void")
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="clock_sweep", condition=Q(state="running", breached_at__isnull=True)),
            models.Index(fields=["warn_at"], name="clock_warn", condition=Q(state="running", warned_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "stage", "assignment"],
                condition=Q(state__in=["running", "paused"]),
                nulls_distinct=False,
                name="clock_one_running_of_a_kind",
            ),
        ]


class CaseReporter(models.Model):
    """Who reported, also those who joined or whose case was merged in. Contact is encrypted; shown masked."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="reporters")
    scope_path = ScopePath()
    resident = models.UUIDField(null=True)
    user = models.BigIntegerField(null=True)
    name = EncryptedText(null=True)
    phone = EncryptedText(null=True)
    anonymous = models.BooleanField(default=False)
    via = models.TextField()
    words = models.TextField(default="")
    from_case = models.UUIDField(null=True, help_text="The merged case this reporter came from.")
    at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["resident", "-at"], name="case_reporter_resident", condition=Q(resident__isnull=False)
            ),
            models.Index(fields=["user", "case"], name="case_reporter_user", condition=Q(user__isnull=False)),
        ]


class Grant(models.Model):
    """Why a department may see a case: it has an assignment in it, or was copied."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="grants", db_index=False)
    scope_path = ScopePath()
    department = models.ForeignKey("organisations.Department", models.PROTECT, related_name="+", db_index=False)
    department_path = models.TextField(db_collation="C")
    reported_at = models.DateTimeField(help_text="The case's; a department lists its cases by it.")
    kind = models.TextField(help_text="assignment or copy")
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["department_path", "reported_at", "case"],
                name="grant_department_time",
                condition=Q(revoked_at__isnull=True),
            ),
            models.Index(
                fields=["department_path", "reported_at", "case"],
                name="grant_copied",
                condition=Q(revoked_at__isnull=True, kind="copy"),
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["case", "department", "kind"], name="grant_once")]


class Rating(models.Model):
    """One verdict of a reporter, and the return visit after a poor one."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="ratings")
    scope_path = ScopePath()
    stars = models.PositiveSmallIntegerField()
    words = models.TextField(default="")
    at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1)
    visited_at = models.DateTimeField(null=True)
    visit_words = models.TextField(default="")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="rating_stars_range"),
            models.UniqueConstraint(fields=["case", "round"], name="rating_once_a_round"),
        ]


class Receipt(models.Model):
    """The answer given to a key, so that a repeat gets it again. Keyed by sender; lies under no path policy."""

    actor = models.TextField()
    key = models.TextField()
    operation = models.TextField()
    body_hash = models.TextField()
    case_id = models.UUIDField(null=True)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="receipt_once")]
        indexes = [models.Index(fields=["at"], name="receipt_age")]


class SearchTerms(models.Model):
    """A case's search terms (`rules.search`). No text, no place, no policy: a hit is only ever a key to look up among
    the cases, where row-level security decides. See docs/adr/0011-lists.md."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    reported_at = models.DateTimeField()
    terms = Terms()

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="case_search", fastupdate=False)]


class Quarantine(models.Model):
    """Something a phone sent that could not be applied; kept, never dropped."""

    scope_path = ScopePath()
    case_id = models.UUIDField(null=True)
    number = models.TextField(default="")
    actor = models.TextField()
    sender = models.TextField(default="")
    key = models.TextField()
    action = models.TextField()
    body = models.JSONField()
    reason = models.TextField()
    message = models.TextField()
    device_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.BigIntegerField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="quarantine_once")]


class DayNumber(models.Model):
    """Where a day's numbering begins in the one sequence, so that numbers restart daily without a hot row."""

    day = models.DateField(primary_key=True)
    base = models.BigIntegerField()
