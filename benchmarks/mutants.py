"""How many of N seeded wrong steps over the catalog are refuted.

python benchmarks/mutants.py [N] [SEED] [PART PARTS]: with PART of PARTS, every PARTS-th of the N
mutants from PART on, so that the whole can be run in pieces; their counts add up.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from derive.catalog import entries
from derive.mutations import sample, verdict


def main(count: int = 2000, seed: int = 0, part: int = 0, parts: int = 1) -> int:
    """Print what became of each kind of mutant; 1 if less than 99 % of the wrong are refuted."""
    drawn = sample([entry.gradient for entry in entries().values()], count, seed)[part::parts]
    start, found = time.perf_counter(), Counter[tuple[str, str]]()
    for number, mutant in enumerate(drawn, 1):
        made = verdict(mutant)
        found[made, mutant.kind] += 1
        if made == "not decided":
            said = f"{mutant.source}, {mutant.kind}: {mutant.left} = {mutant.wrong}"
            print(f"not decided: {said}", flush=True)
        if number % 250 == 0:
            print(f"{number} of {len(drawn)}, {time.perf_counter() - start:.0f} s", flush=True)
    total = Counter[str]()
    for (made, _), times in found.items():
        total[made] += times
    wrong = total["refuted"] + total["not decided"]
    print(
        f"{len(drawn)} mutants: {total['refuted']} refuted, {total['proved']} equal and proved so, "
        f"{total['says nothing']} that stand at a kink everywhere, "
        f"{total['not decided']} not decided; {total['refuted'] / wrong:.2%} of the wrong ones "
        f"refuted"
    )
    for (made, kind), times in sorted(found.items()):
        print(f"  {kind}: {times} {made}")
    return 0 if total["refuted"] >= 0.99 * wrong else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
