"""`python -m bench._importing LOCALITY KIND=FILE …`: import, in a process of its own; says on one line how it went."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from bench import _django
from onegrid.county.registers.rules.sheets import apart
from onegrid.county.registers.services import loading
from onegrid.foundation.database.context import Standing
from onegrid.foundation.kernel.clock import read_clock

assert _django.READY


def main() -> None:
    """Each file in turn."""
    apart.stand_back()  # as the command does
    locality, *pairs = sys.argv[1:]
    told = {}
    for pair in pairs:
        kind, _, path = pair.partition("=")
        begin, spent = time.perf_counter(), time.process_time()
        run = loading.import_file(Standing(locality, "r."), Path(path), loading.Wish(kind), read_clock)  # type: ignore[arg-type]
        told[kind] = {
            "s": round(time.perf_counter() - begin, 2), "cpu": round(time.process_time() - spent, 2),
            "state": run.state, "added": run.added, "changed": run.changed, "same": run.same, "bad": run.bad,
        }  # fmt: skip
        print(f"{kind} {told[kind]}", file=sys.stderr, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"files": told, "peak_mb": round(peak)}), flush=True)


if __name__ == "__main__":
    if os.environ.get("BENCH_PROFILE"):
        import cProfile

        cProfile.run("main()", os.environ["BENCH_PROFILE"])
    else:
        main()
