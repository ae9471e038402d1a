"""What a matrix product says of the names in it: X W + b, W x, X^T (P - Y), w_k^T x.

Nothing is guessed where a number would do as well: then the product is refused, and the remedy is
to declare the shapes (X ∈ ℝ^{N×d}) or to write the indices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from derive.errors import DeriveError
from derive.reading.scope import MATRICES, Names
from derive.reading.scripts import counted, is_position, is_transposed, untransposed
from derive.reading.shaping import rows
from derive.reading.syntax import Bracket, Chain, Mark, Name, Number, Scripted, Syntax, Terms, sole
from derive.reading.vectors import rank

DATA = frozenset(["X", "H"])
COLUMNS = frozenset("xahuvwzsyp")
OFFSETS = frozenset(["b", "c"])


def inferred(names: Names, items: Sequence[Syntax], wanted: int) -> None:
    """Note what the products of a row say of its names; its value has `wanted` axes."""
    for at, (left, right) in enumerate(pairwise(items)):
        if is_transposed(left) and at and _outer(items[at - 1], left):
            note_transposed(names, left)
        elif is_transposed(left):
            applied = isinstance(right, Mark) and right.kind == "function" and at + 2 < len(items)
            _transposed(names, left, items[at + 2] if applied else right)
        elif isinstance(left, Mark) and left.value == "diag" and isinstance(right, Bracket):
            note_diagonal(names, right.items[0])
        else:
            _side_by_side(names, left, right, wanted)


def note_transposed(names: Names, item: Syntax) -> None:
    """x^T is no number: x is a vector, or a matrix if its letter is a capital."""
    if is_transposed(item) and isinstance(item, Scripted) and isinstance(item.base, Name):
        _whole(names, item.base, item)


def _transposed(names: Names, left: Syntax, right: Syntax) -> None:
    """What stands behind x^T is no number either."""
    note_transposed(names, left)
    base = right.base if isinstance(right, Scripted) and is_transposed(right) else right
    name = base.base if isinstance(base, Scripted) else base
    if isinstance(name, Name) and (base is name or _indexed(base)):
        _whole(names, name, base)
    elif isinstance(right, Bracket) and right.kind == "(" and len(right.items) == 1:
        whole_parts(names, right.items[0])


def note_rows(names: Names, shapes: Sequence[Terms]) -> None:
    """g^T v_j says that the v_j are vectors, in the formulas ahead of it as well; so does
    diag(a)."""
    for items in rows(tuple(shapes)):
        for at, (left, right) in enumerate(pairwise(items)):
            inner = is_transposed(left) and not (at and _outer(items[at - 1], left))
            if inner and isinstance(right, Scripted):
                whole_element(names, right)
            elif isinstance(left, Mark) and left.value == "diag" and isinstance(right, Bracket):
                note_diagonal(names, right.items[0])


def note_diagonal(names: Names, chain: Chain) -> None:
    """In diag(1 - h^2), diag(h ⊙ h), diag(tanh'(z)) the letters are vectors."""
    for _, items in chain.exprs[0].parts:
        known = [base for i in items if (base := _raised(i)) is not None]
        apart = len(known) == 1 or any(isinstance(i, Mark) and i.value == "odot" for i in items)
        for item in known:
            if isinstance(item, Bracket):
                note_diagonal(names, item.items[0])
            elif isinstance(item, Name) and apart:
                _whole(names, item, item)


def _raised(item: Syntax) -> Syntax | None:
    """h of h^2; None for numbers, signs and functions, tanh^2 and σ' too."""
    base = item
    if isinstance(item, Scripted) and not item.sub and not is_transposed(item):
        base = item.base
    named = isinstance(base, (Mark, Number)) or (isinstance(base, Name) and base.key == "sigma")
    return None if named else base


def _outer(ahead: Syntax, left: Syntax) -> bool:
    """x x^T is a matrix: what stands behind it may be a number."""
    return ahead == untransposed(left)


def _indexed(item: Syntax) -> bool:
    """z_k, x^{(i)} and z_k^{(i)}."""
    if not isinstance(item, Scripted) or item.primes:
        return False
    return is_position(item.sup) or (bool(item.sub) and not item.sup)


def _whole(names: Names, name: Name, item: Syntax) -> None:
    """The name stands for a whole vector, a matrix, or (w_k) for a row of a matrix."""
    key = names.known(name.key)
    if isinstance(item, Scripted) and (item.sub or is_position(item.sup)):
        positions = counted(item.sub) + is_position(item.sup)
        if not names.is_declared(name.key) and names.rank(key) != positions:
            names.rows.add(key)
            names.arity.setdefault(key, positions + 1)
    elif names.rank(key) == 0 and not names.is_declared(name.key) and key not in names.heads:
        (names.matrices if _capital(name) else names.whole).add(key)


def whole_element(names: Names, item: Syntax | None) -> None:
    """f(x^{(i)}) of a function of vectors, ∇_{θ_k} L: x^{(i)} and θ_k are vectors."""
    if isinstance(item, Name) and _unknown(names, item):
        names.whole.add(item.key)
    if isinstance(item, Scripted) and isinstance(item.base, Name) and _indexed(item):
        _whole(names, item.base, item)


def whole_parts(names: Names, chain: Chain | Terms) -> None:
    """The lone letters of ‖a - b‖ and of X^T (P - Y) are vectors or matrices."""
    terms = chain.exprs[0] if isinstance(chain, Chain) else chain
    for _, items in terms.parts:
        if len(items) == 1 and isinstance(items[0], Name):
            _whole(names, items[0], items[0])


def _side_by_side(names: Names, left: Syntax, right: Syntax, wanted: int) -> None:
    """W x, X W and Xw: matrix products, where a vector or matrix is expected; else refused."""
    if not isinstance(left, Name) or left.word or not isinstance(right, (Name, Scripted)):
        return
    other = right.base if is_transposed(right) and isinstance(right, Scripted) else right
    if not isinstance(other, Name) or other.word:
        return
    column = _letter(other) in COLUMNS and _unknown(names, other)
    if column and wanted < 2 and rank(names, left) == 2:
        names.whole.add(other.key)
    suggests = any(_letter(n) in MATRICES and _unknown(names, n) for n in (left, other))
    if suggests and not wanted:
        _refuse_guess(names, left, other)
    if wanted and (suggests or rank(names, left) == 2 or rank(names, other) == 2):
        _factors(names, left, other, wanted)
    elif left.bold and other.bold:
        for name in (left, other):
            if _capital(name) and (name is left or not _capital(left)):
                _matrix(names, name)


def _refuse_guess(names: Names, left: Name, right: Name) -> None:
    """W x where a number is expected, and nothing says what W and x are."""
    if all(_unknown(names, n) and len(_letter(n)) == 1 for n in (left, right)):
        raise DeriveError(
            f"{left.key}{right.key} looks like a product of matrices; declare their shapes (X \\in "
            f"\\mathbb{{R}}^{{N \\times d}}, or A \\in \\mathbb{{R}} for a number), or write it "
            f"with indices, \\sum_d X_{{rd}} w_d",
            left.place,
        )


def _factors(names: Names, left: Name, right: Name, wanted: int) -> None:
    """The left factor is a matrix; the right one is a vector if one is expected."""
    if _capital(left):
        _matrix(names, left)
    if _capital(right) and (wanted == 2 or _letter(right) in MATRICES):
        _matrix(names, right)
    elif wanted == 1 and _unknown(names, right) and rank(names, left) == 2:
        names.whole.add(right.key)


def _matrix(names: Names, name: Name) -> None:
    key = names.known(name.key)
    if not names.is_declared(name.key) and key not in names.arity and key not in names.head_ranks:
        names.matrices.add(key)


def _unknown(names: Names, name: Name) -> bool:
    key = name.key
    known = names.is_declared(key) or key in names.heads or key in names.numbers
    return not (known or names.rank(key) or name.bold)


def _capital(name: Name) -> bool:
    letter = _letter(name)
    return len(letter) == 1 and letter.isupper()


def _letter(name: Name) -> str:
    """W of W^{[1]} and of W_xh, h of h_t and h_{t-1}."""
    return re.sub(r"\^.*|_(?:t[+-]?\d*|[a-z]{2})$", "", name.key)


def applied_to_unknown(names: Names, body: Terms) -> set[str]:
    """The z of tanh(z), of which nothing says whether it is a number: then tanh(z) is what z is."""
    made = set[str]()
    for _, items in body.parts:
        head = items[0] if len(items) == 2 else None
        function = isinstance(head, Mark) and head.kind == "function"
        function |= isinstance(head, Name) and head.key == "sigma"
        if function and isinstance(items[1], Bracket) and len(items[1].items) == 1:
            name = sole(items[1].items[0])
            made |= {name.key} if isinstance(name, Name) and _unknown(names, name) else set()
    return made


def bias(names: Names, node: Terms) -> None:
    """In XW + b with the examples in the rows of X, b is added to every row."""
    rows = [items for _, items in node.parts]
    products = [r for r in rows if len(r) == 2 and all(isinstance(i, Name) for i in r)]
    if not any(r[0].key in DATA for r in products if isinstance(r[0], Name)):
        return
    for items in rows:
        name = items[0]
        if len(items) == 1 and isinstance(name, Name) and not _capital(name):
            _whole(names, name, name)
            names.rowwise.add(names.known(name.key))


def offset(names: Names, node: Terms) -> None:
    """In Wx + b with a matrix of weights, b is a vector as Wx is."""
    rows = [items for _, items in node.parts]
    pairs = [(r[0], r[1]) for r in rows if len(r) == 2]
    weighed = any(isinstance(a, Name) and a.key not in DATA and rank(names, a) == 2
                  and rank(names, b) == 1 for a, b in pairs)  # fmt: skip
    for items in rows if weighed else ():
        name = items[0]
        if len(items) == 1 and isinstance(name, Name) and _letter(name) in OFFSETS:
            _whole(names, name, name)
