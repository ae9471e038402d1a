"""The normal form, in layers: atoms, signs, facts, powers, binders; `Field` is all of them."""

from derive.normal.field import Field

__all__ = ["Field"]
