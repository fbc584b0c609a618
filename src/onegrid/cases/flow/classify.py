"""Which catalogue entry a case is: the classifier's proposal, and a person's decision that corrects it.

A correction is the difference between `Case.guesses` and the matter a person chose; retraining reads exactly that.
"""

from __future__ import annotations

from typing import Any

from onegrid.cases.errors import BadFields
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action
from onegrid.county.matters import selectors as matters


def classify(work: Work, data: dict[str, Any]) -> None:
    """Name the matter, or name another one."""
    name_matter(work, data["matter"], data.get("condition"))
    work.record(Action.CLASSIFY, data)


def name_matter(work: Work, code: str, condition: int | None = None) -> None:
    """Give the case a matter in force, and the rules that come with it. `BadFields` for a code nobody knows."""
    matter = matters.find_matter(code)
    if matter is None:
        raise BadFields({"matter": "unknown"})
    work.case.matter = matter
    work.case.condition = condition
    work.case.confidential = work.case.confidential or matter.confidential
    work.rules = work.setting.step_rules(work.case, matter, work.centres)
