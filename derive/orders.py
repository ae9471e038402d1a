"""Derivatives of every order and direction: Hessian, JVP, VJP, HVP, Fisher, each a proved
Derivation.

All start from a product that is written with derivatives not carried out (Σ_j ∂f/∂z_j v_j), into
which
the gradient or the Hessian is inserted; sums are then collected and definitions folded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sympy import Expr, Mul

from derive.derivation import Derivation
from derive.engine import Chain
from derive.errors import DeriveError
from derive.language import Array, At, Deriv, Index, Log, Sum
from derive.statement import Definition, Statement
from derive.strategy import carry_out, context_of, derive, differentiate, finish, second, subject
from derive.terms import all_indices, arrays, fresh, rename
from derive.tidying import totals


def gradient(statement: Statement, wrt: At | None = None) -> Derivation:
    """∂f/∂z_j."""
    return derive(statement, wrt)


def hessian(statement: Statement, wrt: At | None = None) -> Derivation:
    """∂²f/∂z_j∂z_k; the second derivative where z is one number."""
    first = statement.variable(wrt)
    return second(statement, first, another(first, statement))


def diagonal(statement: Statement, wrt: At | None = None) -> Derivation:
    """∂²f/∂z_j², the diagonal of the Hessian."""
    first = statement.variable(wrt)
    made = second(statement, first, first)
    return Derivation(f"{statement.name}/diagonal", made.start, made.steps, made.context)


def jvp(statement: Statement, wrt: At | None = None) -> Derivation:
    """Σ_j ∂f/∂z_j v_j: how f changes along v."""
    first = statement.variable(wrt)
    v = beside("v", first, statement)
    return contracted(statement, "jvp", derive(statement, first), v, first.indices)


def vjp(statement: Statement, wrt: At | None = None) -> Derivation:
    """Σ_i u_i ∂f_i/∂z_j: the cotangent u carried back."""
    first = statement.variable(wrt)
    u = beside("u", statement.head, statement)
    return contracted(statement, "vjp", derive(statement, first), u, statement.head.indices)


def hvp(statement: Statement, wrt: At | None = None, along: str = "v") -> Derivation:
    """Σ_k ∂²f/∂z_j∂z_k v_k, for a direction called `along`."""
    then = another(statement.variable(wrt), statement)
    v = beside(along, then, statement)
    return contracted(statement, "hvp", hessian(statement, wrt), v, then.indices)


def fisher(statement: Statement, wrt: At | None = None) -> Derivation:
    """Σ_i p_i ∂log p_i/∂z_j ∂log p_i/∂z_k, for the distribution p that the statement defines."""
    first, p = statement.variable(wrt), distribution(statement)
    then = another(first, statement)
    places = _apart(p.head, all_indices(first) | all_indices(then))
    context = context_of(statement)
    slopes = [differentiate("score", Log(places), w, context) for w in (first, then)]

    def build(scores: Iterable[Expr]) -> Expr:
        return summed(places * Mul(*scores), places.indices)

    chain = Chain(context, build(s.start for s in slopes))
    chain.add("insert-the-gradient", "", build(s.result for s in slopes))
    finish(chain)
    return Derivation(f"{statement.name}/fisher", chain.start, tuple(chain.steps), context)


def gauss_newton(statement: Statement, wrt: At | None = None) -> Derivation:
    """Σ ∂Z_a/∂w_j ∂²L/∂Z_a∂Z_b ∂Z_b/∂w_k, for the outputs Z that the loss is a function of."""
    first, outputs = statement.variable(wrt), outputs_of(statement)
    then = another(first, statement)
    taken = all_indices(first) | all_indices(then)
    a = _apart(outputs.head, taken)
    b = _apart(outputs.head, taken | all_indices(a))
    context = context_of(statement)
    start = Deriv(a, first) * Deriv(Deriv(subject(statement), a), b) * Deriv(b, then)
    slopes = {
        Deriv(e, w): differentiate("output", e, w, context).result
        for e, w in ((a, first), (b, then))
    }
    slopes[Deriv(Deriv(subject(statement), a), b)] = second(statement, a, b).result
    chain = Chain(context, summed(start, (*a.indices, *b.indices)))
    inserted = Mul(*slopes.values())
    chain.add("insert-the-gradient", "", summed(inserted, (*a.indices, *b.indices)))
    carry_out(chain)
    return Derivation(f"{statement.name}/gauss-newton", chain.start, tuple(chain.steps), context)


def contracted(
    statement: Statement, name: str, made: Derivation, along: At, places: tuple[Index, ...]
) -> Derivation:
    """Σ over `places` of the derivative times an element of the direction."""
    chain = Chain(made.context, summed(made.start * along, places))
    chain.add("insert-the-gradient", "", summed(made.result * along, places))
    finish(chain)
    return Derivation(f"{statement.name}/{name}", chain.start, tuple(chain.steps), made.context)


def summed(body: Expr, places: Iterable[Index]) -> Expr:
    """Σ over all of `places`, the first one outermost."""
    for place in reversed(tuple(places)):
        body = Sum(body, place)
    return body


def another(element: At, statement: Statement) -> At:
    """The same array at indices that nothing else uses."""
    used = all_indices(element) | all_indices(statement.head) | set(statement.labels)
    return _apart(element, used)


def _apart(element: At, used: Iterable[Index]) -> At:
    taken = set(used)
    for i in element.indices:
        if i in taken:
            other = fresh(i, taken)
            element = rename(element, {i: other})
            taken.add(other)
        taken.add(i)
    return element


def beside(name: str, element: At, statement: Statement) -> At:
    """An element of a direction: an array with the indices of `element` and a name that is free."""
    bodies = [statement.body, statement.head, element, *(d.body for d in statement.definitions)]
    heads = {d.array.name for d in statement.definitions}
    used = {a.name for e in bodies for a in arrays(e)} | heads
    free = next(n for n in (name, *(f"{name}{c}" for c in range(1, 10))) if n not in used)
    return At(Array(free, element.array.ranges), *element.indices)


def distribution(statement: Statement) -> Definition:
    """The last definition whose elements sum to 1 over an index: the prediction."""
    found = [d for d, total in totals(context_of(statement)) if total.right == 1]
    below = [d for d in found if statement.wrt and _depends(d, statement.wrt.array, statement)]
    if not below:
        raise DeriveError(
            f"{statement.name} defines no distribution that depends on {statement.wrt}: "
            "name one, such as p_i = e^{z_i} / Σ_k e^{z_k}"
        )
    return below[-1]


def outputs_of(statement: Statement) -> Definition:
    """The definition between the loss's distribution and the variable (logits Z = XW + b)."""
    used = arrays(distribution(statement).body)
    below = [d for d in statement.definitions if d.array in used]
    if not below:
        raise DeriveError(
            f"{statement.name} is a function of {statement.wrt} without outputs between"
        )
    return below[-1]


def _depends(d: Definition, array: Array, statement: Statement) -> bool:
    """Whether the definition's body leads to the array."""
    below = arrays(d.body)
    inner = [e for e in statement.definitions if e.array in below]
    return array in below or any(_depends(e, array, statement) for e in inner)


ORDERS: dict[str, Callable[[Statement], Derivation]] = {
    "gradient": gradient,
    "hessian": hessian,
    "diagonal": diagonal,
    "jvp": jvp,
    "vjp": vjp,
    "hvp": hvp,
    "fisher": fisher,
    "gauss-newton": gauss_newton,
}
