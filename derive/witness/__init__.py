"""A second opinion: replays certificates by evaluation and finds counterexamples.

It takes plain JSON and shares no code with the rest of the project, so that an error there cannot
hide itself here.  Sides are compared at points that satisfy the facts, sizes 1..3: exactly where
all is rational, otherwise to 50 digits and more.  Points where a side is not defined or has a kink
do not count.  Agreement at all points is no proof for every n, and the witness never says so.
"""

from derive.witness.record import WitnessError
from derive.witness.replay import Report, StepReport, replay
from derive.witness.verdict import Counterexample, Verdict, counterexample, equal, values

__all__ = ["Counterexample", "Report", "StepReport", "Verdict", "WitnessError"]
__all__ += ["counterexample", "equal", "replay", "values"]
