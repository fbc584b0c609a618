"""Which function does which action. The engine looks here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from onegrid.cases.flow import (
    accept,
    classify,
    close,
    dispatch,
    escalate,
    extend,
    handle,
    locate,
    merge,
    rate,
    reject,
    reopen,
    return_,
    supervise,
    suspend,
    urge,
    verify,
    whistle,
)
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action

A = Action
Step = Callable[[Work, dict[str, Any]], None]

STEPS: Mapping[Action, Step] = {
    A.CHECK_REPORT: accept.check_report,
    A.ACCEPT: accept.accept,
    A.REJECT: reject.reject,
    A.CLASSIFY: classify.classify,
    A.RELOCATE: locate.relocate,
    A.DISPATCH: dispatch.dispatch,
    A.WITHDRAW: dispatch.withdraw,
    A.WHISTLE: whistle.whistle,
    A.REPORT_IN: whistle.report_in,
    A.CONFIRM_ARRIVAL: whistle.confirm_arrival,
    A.TAKE: handle.take,
    A.HANDLE: handle.handle,
    A.HANDLE_ON_THE_SPOT: handle.handle_on_the_spot,
    A.VERIFY_PASS: verify.verify_pass,
    A.VERIFY_FAIL: verify.verify_fail,
    A.CLOSE: close.close,
    A.RATE: rate.rate,
    A.RETURN_VISIT: rate.return_visit,
    A.REOPEN: reopen.reopen,
    A.RETURN_BACK: return_.return_back,
    A.APPROVE_RETURN: return_.approve_return,
    A.REFUSE_RETURN: return_.refuse_return,
    A.SUSPEND: suspend.suspend,
    A.APPROVE_SUSPEND: suspend.approve_suspend,
    A.REFUSE_SUSPEND: suspend.refuse_suspend,
    A.RESUME: suspend.resume,
    A.ASK_EXTENSION: extend.ask_extension,
    A.GRANT_EXTENSION: extend.grant_extension,
    A.REFUSE_EXTENSION: extend.refuse_extension,
    A.ESCALATE: escalate.escalate,
    A.URGE: urge.urge,
    A.ADD_WORDS: urge.add_words,
    A.SUPERVISE: supervise.supervise,
    A.LIFT_SUPERVISION: supervise.lift_supervision,
    A.MERGE: merge.merge,
    A.CANCEL: reject.cancel,
}
"""Every action but `report` (see `intake`) and `breach` (see `breach`)."""
