"""Index notation over SymPy expressions: arrays, sums over an index, δ, max, elementwise functions.

Sizes stay symbolic: an index ranges over 1..n where n is the *name* of its range, and it is in
range
by typing, so no condition on it ever appears.  Every node is inert: SymPy adds and multiplies, and
evaluates nothing inside.  An index is bound by `Sum`, `Prod`, `Max` and `Largest`; never call
`subs` or `xreplace` on an expression that binds (they capture), use `derive.terms`.
"""

from __future__ import annotations

from typing import Any, Union

import sympy
from sympy import Expr, Integer, Symbol
from sympy.core.sympify import _sympify as exact

Position = Union["Index", Integer]


_SYMBOLS: dict[Any, Any] = {}


def _symbol(cls: Any, name: str, **more: Any) -> Any:
    """One object for equal symbols, so that comparing them takes no reading."""
    key = (cls, name, *more.values())
    if key not in _SYMBOLS:
        made = _SYMBOLS[key] = Symbol.__xnew__(cls, name)
        for slot, value in more.items():
            setattr(made, slot, value)
    return _SYMBOLS[key]


class Index(Symbol):  # type: ignore[misc]  # sympy ships no types
    """An index variable that runs over 1..`range`; `range` names a size ("n") or is a numeral
    ("2")."""

    __slots__ = ("range",)
    range: str

    def __new__(cls, name: str, range: str = "n") -> Index:
        made: Index = _symbol(cls, name, range=range)
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, Any]]:
        return (self.name, self.range), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*Symbol._hashable_content(self), self.range)


class Array(Symbol):  # type: ignore[misc]
    """A named array: the range of each of its indices, and the domain its elements lie in.

    An array without ranges is a scalar.  Domains: "real", "positive", "nonnegative", "unit" ([0,
    1]),
    "sign" ({-1, 1}), "binary" ({0, 1}), "integer", "size" (a positive integer).
    """

    __slots__ = ("domain", "ranges")
    ranges: tuple[str, ...]
    domain: str
    __iter__ = None  # z[i] is notation; what can be iterated, SymPy's powers walk into

    def __new__(cls, name: str, ranges: tuple[str, ...] = (), domain: str = "real") -> Array:
        made: Array = _symbol(cls, name, ranges=tuple(ranges), domain=domain)
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str, tuple[str, ...], str], dict[str, Any]]:
        return (self.name, self.ranges, self.domain), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*Symbol._hashable_content(self), self.ranges, self.domain)

    def __getitem__(self, indices: Any) -> At:
        return At(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def __call__(self) -> At:
        return At(self)


class Node(Expr):  # type: ignore[misc]
    """Base of the language's own nodes: commutative, no assumption on the value, nothing
    evaluated."""

    is_commutative = True
    __slots__ = ()

    def __new__(cls, *args: Any) -> Node:
        made: Node = Expr.__new__(cls, *(exact(a) for a in args))
        return made

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(printer._print(a) for a in self.args)})"

    def _eval_derivative(self, symbol: Any) -> Expr:
        raise TypeError("use derive.calculus to differentiate in index notation")


class At(Node):
    """An element of an array: At(z, i) is z_i; At(tau) is the scalar tau."""

    def _sympystr(self, printer: Any) -> str:
        return "_".join(printer._print(a) for a in self.args)

    @property
    def array(self) -> Array:
        return self.args[0]  # type: ignore[no-any-return]

    @property
    def indices(self) -> tuple[Any, ...]:
        return tuple(self.args[1:])


class Delta(Node):
    """Kronecker's δ of two positions; its arguments are kept in one order."""

    def __new__(cls, first: Any, second: Any) -> Delta:
        ordered = sorted((exact(first), exact(second)), key=lambda a: (a.is_Integer, str(a)))
        return Node.__new__(cls, *ordered)


class Binder(Node):
    """A node that binds an index in its body: args = (body, index, *excluded positions)."""

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def index(self) -> Index:
        return self.args[1]  # type: ignore[no-any-return]

    @property
    def excluded(self) -> tuple[Any, ...]:
        return tuple(self.args[2:])


class Sum(Binder):
    """Σ over the whole range of `index`, but for the excluded positions."""


class Prod(Binder):
    """Π over the whole range of `index`, but for the excluded positions."""


class Max(Binder):
    """The largest value of `body` over the range of `index`, but for the excluded positions."""


class Largest(Node):
    """args = (body, index, *excluded, at): the subgradient weight of `at` in Max(body, index).

    It is any family of weights that is 0 off the maximisers, nonnegative, and sums to 1 over `at`
    (Danskin's theorem); at a tie nothing more is assumed of it.
    """

    @property
    def max(self) -> Max:
        return Max(*self.args[:-1])

    @property
    def at(self) -> Any:
        return self.args[-1]


class Elementwise(Node):
    """A function of one number, described by its row in `derive.functions`."""

    @property
    def arg(self) -> Expr:
        return self.args[0]


class Exp(Elementwise):
    """e to the argument; `Exp(a)*Exp(b)` stays a product."""


class Log(Elementwise):
    """The natural logarithm; its argument is taken to be positive."""


class Sign(Elementwise):
    """-1, 0 or 1."""


class Step(Elementwise):
    """1 where the argument is positive, 0 where it is negative (the indicator 1[x > 0])."""


class Abs(Elementwise):
    """The absolute value."""


class Relu(Elementwise):
    """max(0, x)."""


class Sigmoid(Elementwise):
    """The logistic function σ(x) = 1 / (1 + e^-x)."""


class Tanh(Elementwise):
    """The hyperbolic tangent."""


class Softplus(Elementwise):
    """log(1 + e^x)."""


class Erf(Elementwise):
    """The error function."""


class Sin(Elementwise):
    """The sine, of an angle in radians."""


class Cos(Elementwise):
    """The cosine, of an angle in radians."""


class Tan(Elementwise):
    """sin x / cos x."""


class LogGamma(Elementwise):
    """The logarithm of the gamma function."""


class Maximum(Node):
    """The larger of two numbers."""


class Cases(Node):
    """args = (value, condition, value, condition, ..., otherwise); conditions are {0, 1}-valued.

    The first condition that holds decides.  Conditions are built of Delta, Step and 1 - condition.
    """

    @property
    def branches(self) -> tuple[tuple[Expr, Expr], ...]:
        return tuple(zip(self.args[0:-1:2], self.args[1:-1:2], strict=True))

    @property
    def otherwise(self) -> Expr:
        return self.args[-1]


class Deriv(Node):
    """args = (expr, variable): the partial derivative with respect to one element, not carried
    out."""

    @property
    def expr(self) -> Expr:
        return self.args[0]

    @property
    def variable(self) -> At:
        return self.args[1]  # type: ignore[no-any-return]


class Group(Node):
    """Parentheses that stay: its value is its argument, but SymPy neither expands nor merges it."""

    @property
    def arg(self) -> Expr:
        return self.args[0]


def size(range: str) -> Expr:
    """The number of positions in a range: a positive integer symbol, or the number itself."""
    return Integer(range) if range.isdigit() else At(Array(range, (), "size"))


def sqrt(x: Any) -> Expr:
    """The principal square root, as the power 1/2."""
    return sympy.Pow(exact(x), sympy.Rational(1, 2))


def index(names: str, range: str = "n") -> Any:
    """index("i j k") makes several indices over one range; one name makes one."""
    made = tuple(Index(name, range) for name in names.split())
    return made[0] if len(made) == 1 else made


NODES: tuple[type[Node], ...] = (
    At, Delta, Sum, Prod, Max, Largest, Exp, Log, Sign, Step, Abs, Relu, Sigmoid, Tanh, Softplus,
    Erf, Sin, Cos, Tan, LogGamma, Maximum, Cases, Deriv, Group,
)  # fmt: skip
BINDERS: tuple[type[Node], ...] = (Sum, Prod, Max, Largest)
