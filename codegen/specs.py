"""What is compiled: a statement, its derivatives, and the part each array plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Add, Expr, Integer, Mul, factor

from codegen.errors import CodegenError
from codegen.shapes import settle
from codegen.sifting import sift
from codegen.unfolding import unfold_definitions
from derive.derivation import Derivation
from derive.language import Array, At, Binder, Delta, Index, Sum, index
from derive.statement import Context, Definition, Statement
from derive.strategy import derive
from derive.terms import all_indices, arrays, rename
from derive.terms import replace as replace_terms

COTANGENT = "cotangent"
TANGENT = "tangent"


@dataclass(frozen=True)
class Spec:
    """A statement ready to be lowered: its logits have one index, the class index.

    `is_function` tells a function of the logits from a loss.  `label` is the position that the
    caller gives as an integer label.  `stable` is False only for the exhibits, which are lowered
    as they stand.  `lift` tells where the statement came from when it is about single numbers.
    `say` names the arrays to the reader.  `apart` takes the gradient of each term by itself,
    through logits that were changed (see `chained`).
    """

    statement: Statement
    is_function: bool = False
    label: Index | None = None
    stable: bool = True
    lift: Lift | None = None
    say: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    apart: bool = False

    def __post_init__(self) -> None:
        ranges = {r for a in self.statement.inputs() for r in a.ranges} | set(self.wrt.array.ranges)
        if len(self.wrt.indices) != 1 or len(ranges) > 1:
            raise CodegenError(
                f"{self.name} has arrays over {', '.join(sorted(ranges))}: "
                "kernels take arrays with one index, over one range"
            )

    @property
    def name(self) -> str:
        """The name of the statement."""
        return self.statement.name

    @property
    def wrt(self) -> At:
        """The element that derivatives are taken with respect to."""
        if self.statement.wrt is None:
            raise CodegenError(f"{self.name} does not say what its logits are: give it a wrt")
        return self.statement.wrt

    @property
    def here(self) -> Index:
        """The class index of the logits."""
        return self.wrt.indices[0]  # type: ignore[no-any-return]

    @property
    def out(self) -> Index | None:
        """The class index of the result, or None where the result is one number for each row."""
        places = [i for i in self.statement.head.indices if i != self.label]
        return places[0] if places else None

    @property
    def is_row(self) -> bool:
        """Whether the classes of a row belong together; otherwise each element stands alone."""
        body = unfold_definitions(self.statement.body, self.definitions)
        return self.out is None or bool(body.has(Sum))

    @cached_property
    def cotangent(self) -> At:
        """What the derivative is weighed with: one number for each row, or for each element."""
        if self.out is None:
            return Array(COTANGENT)()
        return At(Array(COTANGENT, self.wrt.array.ranges), self.here)

    @cached_property
    def tangent(self) -> At:
        """The direction of `jvp` and `hvp`, at the class index of the logits."""
        return At(Array(TANGENT, self.wrt.array.ranges), self.here)

    @cached_property
    def definitions(self) -> Context:
        """All that may be unfolded: the definitions and the statement itself."""
        s = self.statement
        own = () if s.head.array in s.context.by_array else (s.own,)
        return Context((*s.definitions, *own))

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The outputs of each kernel that is made: the first two at once, the others when asked."""
        if not self.stable:
            return (("value",),)
        if self.is_function:
            return (("value",), ("vjp",), ("jvp",))
        return (("value",), ("value", "grad"), ("jvp",), ("hvp",))

    def wanted(self, word: str) -> tuple[Expr, Index | None]:
        """The expression of an output, and the class index it runs over."""
        if word == "value":
            return self.statement.body, self.out
        if word in ("grad", "vjp"):
            return self._gradient * self._row_cotangent, self.here
        if word == "jvp":
            return self._jvp()
        if word == "hvp" and self.lift is not None:
            return self.lift.derived(2, self.here) * self.cotangent * self.tangent, self.here
        if word == "hvp":
            return derive(self._slope).result * self._row_cotangent, self.here
        raise CodegenError(f'{self.name} has no output "{word}"')

    @property
    def _row_cotangent(self) -> Expr:
        return self.cotangent if self.out is None else 1

    @cached_property
    def derivation(self) -> Derivation:
        """The derivation of the gradient: of the loss, or of the sum weighed with the cotangent."""
        if self.lift is not None:
            return self.lift.derivative(1)
        if self.out is None:
            return derive(self.statement)
        element = At(self.cotangent.array, self.out)
        return derive(self._sum("vjp", Sum(element * self.statement.head, self.out)))

    @cached_property
    def _gradient(self) -> Expr:
        if self.lift is not None:
            return self.lift.derived(1, self.here) * self.cotangent
        return chained(self.statement) if self.apart else self.derivation.result

    @cached_property
    def _direct_gradient(self) -> Expr:
        """The gradient derived in one piece: what kernels are measured against."""
        return self._gradient if self.lift is not None else self.derivation.result

    def _jvp(self) -> tuple[Expr, Index | None]:
        """Σ_j u_j ∂head/∂z_j, the derivative along the tangent."""
        if self.lift is not None:
            return self.lift.derived(1, self.here) * self.tangent, self.here
        partial = derive(self.statement).result
        return Sum(self.tangent * partial, self.here), self.out

    def _sum(self, word: str, total: Expr) -> Statement:
        s = self.statement
        free = () if self.label is None else (self.label,)
        head = At(Array(f"{s.head.array.name}_{word}", (self.here.range,) * len(free)), *free)
        known = self.context("grad").definitions if word == "hvp" else self.definitions.definitions
        return Statement(f"{s.name}_{word}", head, total, known, s.facts, s.wrt)

    def plain(self, word: str) -> tuple[Expr, Index | None]:
        """As `wanted`, over the inputs alone."""
        expr, here = self.wanted(word)
        if word == "grad":
            expr = self._direct_gradient * self._row_cotangent
        return unfold_definitions(expr, self.context(word)), here

    def context(self, word: str) -> Context:
        """All that may be unfolded in an output: also the sums whose derivative it is."""
        extra = () if self.out is None or self.lift is not None else (self._own_sum,)
        if word == "hvp" and self.lift is None:
            extra = (*extra, self._slope.own)
        return Context((*self.definitions.definitions, *extra))

    @cached_property
    def _slope(self) -> Statement:
        """Σ_j u_j ∂L/∂z_j, whose gradient is the product of the Hessian with u."""
        return self._sum("hvp", Sum(self.tangent * self._gradient, self.here))

    @property
    def _own_sum(self) -> Definition:
        element = At(self.cotangent.array, self.out)
        return self._sum("vjp", Sum(element * self.statement.head, self.out)).own


def _slope_of(term: Statement) -> Expr:
    """The gradient of one term; where it names the term itself, the head means the term alone."""
    return unfold_definitions(derive(term).result, Context((term.own,)))


def chained(statement: Statement) -> Expr:
    """The gradient by the sum rule and the chain rule: of each term, through the vector between.

    The terms stay apart, so that each keeps the form that the numeric rewrites know.
    """
    between = _between(statement)
    inner = statement
    if between is not None:
        assert statement.wrt is not None
        known = tuple(d for d in statement.definitions if d != between)
        wrt = At(between.array, *statement.wrt.indices)
        inner = replace(statement, definitions=known, wrt=wrt)
    total = Add(*(_slope_of(replace(inner, body=t)) * c for t, c in _terms(statement.body)))
    return total if between is None else total * _slope(between, statement)


def _terms(body: Expr) -> list[tuple[Expr, Expr]]:
    """What is added up, each with the numbers of the call before it."""
    made: dict[Expr, Expr] = {}
    for term in Add.make_args(body):
        factors = Mul.make_args(term)
        numbers = [f for f in factors if not all_indices(f)]
        rest = Mul(*(f for f in factors if f not in numbers))
        made[rest] = made.get(rest, Integer(0)) + Mul(*numbers)
    return [(rest, factor(c)) for rest, c in made.items() if all_indices(rest)]


def _between(statement: Statement) -> Definition | None:
    """The vector made of the logits element by element, if they enter through it alone."""
    if statement.wrt is None:
        return None
    logits = statement.wrt.array
    direct = [d for d in statement.definitions if logits in arrays(d.body)]
    if len(direct) != 1 or logits in arrays(statement.body) or direct[0].body.has(Binder):
        return None
    return direct[0] if len(direct[0].indices) == 1 else None


def _slope(between: Definition, statement: Statement) -> Expr:
    """The derivative of an element of the vector between in its own logit."""
    assert statement.wrt is not None
    head, (here,) = between.head, statement.wrt.indices
    made = derive(Statement(f"{statement.name}_slope", head, between.body, (), (), statement.wrt))
    return settle(rename(made.result, {between.indices[0]: here}))


@dataclass(frozen=True)
class Lift:
    """A statement about numbers, taken for every element of vectors: x and y become x_i and y_i."""

    scalar: Statement

    def at(self, expr: Expr, place: Index) -> Expr:
        """An expression about the numbers, at one element."""
        names = {str(self.scalar.wrt.array.name) if self.scalar.wrt else "", "y"}

        def change(e: Expr) -> Expr | None:
            if not isinstance(e, At) or e.array.name not in names:
                return None
            return At(Array(e.array.name, (place.range,), e.array.domain), place)

        return replace_terms(unfold_definitions(expr, self.scalar.context), change)

    @property
    def statement(self) -> Statement:
        """The statement about vectors."""
        i, j = index("i j")
        head = At(Array(self.scalar.head.array.name, ("n",)), i)
        wrt = self.at(self.scalar.wrt, j)
        return Statement(self.scalar.name, head, self.at(self.scalar.body, i), (), (), wrt)

    def derivative(self, order: int) -> Derivation:
        """The derivation of the first or second derivative of the numbers."""
        first = derive(self.scalar)
        if order == 1:
            return first
        head = At(Array(f"{self.scalar.head.array.name}_slope"))
        known = Context((*self.scalar.definitions, self.scalar.own))
        slope = unfold_definitions(first.result, known)
        return derive(Statement(f"{self.scalar.name}_slope", head, slope, wrt=self.scalar.wrt))

    def derived(self, order: int, place: Index) -> Expr:
        """The first or second derivative, at one element."""
        known = Context((*self.scalar.definitions, self.scalar.own))
        return self.at(unfold_definitions(self.derivative(order).result, known), place)


def labelled(statement: Statement) -> Statement | None:
    """The statement for integer labels, y_k = δ_kt, or None where no target stands for classes."""
    targets = [a for a in statement.inputs() if a.name == "y" and a.domain == "nonnegative"]
    if not targets or statement.head.indices:
        return None
    t = Index("t", targets[0].ranges[0])

    def change(e: Expr) -> Expr | None:
        return Delta(e.indices[0], t) if isinstance(e, At) and e.array in targets else None

    definitions = tuple(
        replace(d, body=replace_terms(d.body, change)) for d in statement.definitions
    )
    head = At(Array(statement.head.array.name, (t.range,)), t)
    body = sift(replace_terms(statement.body, change), {})
    return Statement(statement.name, head, body, definitions, (), statement.wrt)
