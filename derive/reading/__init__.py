"""A person's LaTeX, read by a grammar into the language; never evaluated, never guessed at."""
