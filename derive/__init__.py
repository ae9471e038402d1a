"""Symbolic derivation of losses in index notation: every step named, and proved for every n."""
