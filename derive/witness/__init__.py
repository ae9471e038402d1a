"""A second opinion: replays certificates by evaluation and finds counterexamples.

It takes plain JSON, gives back frozen records, and shares no code with the rest of the project, so
that an error there cannot hide itself here.  A step is compared at points: every range gets a size
1..3, every array exact rational elements that satisfy the facts the step names.  The reals, to 50
digits and more, decide what is refuted; a chain of prime fields in which exp and log are true
homomorphisms confirms what agrees.  Points at which a side is not defined or has a kink are not
counted.  Agreement at all points is no proof for every n, and the witness never says so.
"""

from derive.witness.record import WitnessError
from derive.witness.replay import Report, StepReport, replay
from derive.witness.verdict import Counterexample, Verdict, counterexample, equal, values

__all__ = [
    "Counterexample", "Report", "StepReport", "Verdict", "WitnessError", "counterexample", "equal",
    "replay", "values",
]  # fmt: skip
