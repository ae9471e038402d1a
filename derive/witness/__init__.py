"""A second opinion: replays certificates by evaluation and finds counterexamples.

It takes plain JSON and shares no code with the rest of the project, so that an error there cannot
hide itself here.  Sides are compared at points that satisfy the facts, sizes 1..3: exactly where
all is rational, otherwise to 200 digits, a derivative as a difference quotient.  Points where a
side is not defined or has a kink do not count.  Agreement at all points is no proof for every n.
"""

from derive.witness.record import WitnessError
from derive.witness.verdict import Counterexample, Report, Verdict, equal, replay, values

__all__ = ["Counterexample", "Report", "Verdict", "WitnessError", "equal", "replay", "values"]
