"""A second opinion: replays certificates by evaluation and finds counterexamples.

It takes plain JSON, gives back frozen records, and shares no code with the rest of the project (no
SymPy, no other part of `derive`), so that an error there cannot hide itself here.  A step is
compared at points: every range gets a size 1..3, the free indices their values, every array exact
rational elements that satisfy the facts the step names.  Both sides are then evaluated

* as real numbers to 50 digits; a difference counts only if it stands with more digits too, and
* where only arithmetic, exp, log and powers occur, exactly, in a chain of prime fields in which exp
  and log are true homomorphisms (`derive.witness.modular`).

The reals decide what is refuted; the residues confirm what agrees.  Points at which a side is not
defined are not counted, nor, where a side differentiates or contains sign or step, points at which
sign, step, abs, relu or maximum has a kink.
Agreement at all points is no proof for every n, and the witness never says so.
"""

from derive.witness.record import WitnessError
from derive.witness.replay import Report, StepReport, replay
from derive.witness.verdict import Counterexample, Verdict, counterexample, equal, values

__all__ = [
    "Counterexample",
    "Report",
    "StepReport",
    "Verdict",
    "WitnessError",
    "counterexample",
    "equal",
    "replay",
    "values",
]
