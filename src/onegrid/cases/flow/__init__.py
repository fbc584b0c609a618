"""The steps of a case, in order. Each file is one step; `engine` is how all of them happen.

    intake    a report comes in, once
    locate    where it is, and which centre takes it first
    classify  which catalogue entry it is
    accept    the centre takes it
    dispatch  who settles it, and by when
    handle    they do, with evidence
    verify    somebody else looks
    close     it is over
    rate      the reporter's verdict

Side doors: reject, whistle, escalate, suspend, extend, urge, supervise, merge, reopen, return_.
The clock's own step is breach. preview answers before a report is filed; reveal shows a masked contact, on record.
Shared: engine (the one way a step happens), work (a locked case), settle (derive and write), table (action → step),
limits (clocks), counting (tallies), announce (journal, outbox, feed), receipts, numbers, held_back.
"""
