"""How many of N seeded wrong steps over the catalog are refuted: python benchmarks/mutants.py
[N] [SEED]."""

import sys
import time
from collections import Counter

from derive.catalog import entries
from derive.mutations import sample, verdict


def main(count: int = 2000, seed: int = 0) -> int:
    drawn = sample([entry.gradient for entry in entries().values()], count, seed)
    start, found = time.perf_counter(), Counter()
    for number, mutant in enumerate(drawn, 1):
        made = verdict(mutant)
        found[made, mutant.kind] += 1
        if made == "not decided":
            print(
                f"not decided: {mutant.source}, {mutant.kind}: {mutant.left} = {mutant.wrong}",
                flush=True,
            )
        if number % 250 == 0:
            print(f"{number} of {len(drawn)}, {time.perf_counter() - start:.0f} s", flush=True)
    total = Counter()
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
