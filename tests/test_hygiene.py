"""Names of bound indices never matter, substitution never captures, and SymPy's traps stay
closed."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer

from derive.language import Array, Delta, Deriv, Exp, Index, Log, Max, Prod, Sum, index
from derive.prover import prove
from derive.statement import Context, Definition
from derive.terms import apart, canonical, free_indices, rename, same

i, j, k, l = index("i j k l")
LETTERS = "ijklmtuv"
z, y, p = (Array(name, ("n",)) for name in "zyp")
SOFTMAX = Context((Definition(p, (i,), Exp(z[i]) / Sum(Exp(z[k]), k)),))
EQUATIONS: tuple[tuple[Expr, Expr], ...] = (
    (Deriv(p[i], z[j]), p[i] * (Delta(i, j) - p[j])),
    (Deriv(-Sum(y[k] * Log(p[k]), k), z[j]), p[j] * Sum(y[l], l) - y[j]),
    (Sum(Delta(k, i) * y[k], k), y[i]),
    (Deriv(p[i], z[j]), p[i] * (Delta(i, j) + p[j])),
    (Sum(z[k] * y[i], k), Sum(z[k] * y[k], k)),
    (Sum(Sum(z[k] * y[l], k), l), Sum(z[k], k) * Sum(y[k], k)),
)
VERDICTS = tuple(prove(a, b, SOFTMAX) is not None for a, b in EQUATIONS)


def called(e: Expr, names: list[str]) -> Expr:
    """The expression with its bound indices called in turn by the names that do not capture."""
    if not e.args or isinstance(e, Index):
        return e
    args = [called(a, names) if not isinstance(a, Index) else a for a in e.args]
    if not isinstance(e, (Sum, Prod, Max)):
        return e.func(*args)
    body, bound, *rest = args
    usable = (n for n in names if Index(n, bound.range) not in free_indices(body) | set(rest))
    name = Index(next(usable, bound.name), bound.range)
    return e.func(rename(body, {bound: name}), name, *rest)


def test_some_equations_hold_and_some_do_not() -> None:
    assert VERDICTS == (True, True, True, False, False, True)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(range(len(EQUATIONS))), st.permutations(LETTERS), st.permutations(LETTERS))
def test_renaming_bound_indices_never_changes_a_verdict(
    number: int, left: list[str], right: list[str]
) -> None:
    a, b = EQUATIONS[number]
    assert (prove(called(a, left), called(b, right), SOFTMAX) is not None) is VERDICTS[number]


def expressions() -> st.SearchStrategy[Expr]:
    names = st.sampled_from("ijkl").map(lambda n: Index(n))
    element = st.builds(lambda a, n: a[n], st.sampled_from((z, y)), names)
    leaf = element | st.builds(Delta, names, names) | st.integers(-2, 3).map(Integer)

    def more(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        binder = st.builds(lambda b, n: Sum(b, n), inner, names)
        return (
            binder
            | st.builds(lambda a, b: a + b, inner, inner)
            | st.builds(lambda a, b: a * b, inner, inner)
        )

    return st.recursive(leaf, more, max_leaves=6)


def value(e: Expr, env: dict[str, int], data: dict[str, tuple[int, ...]]) -> Expr:
    """The expression evaluated over three positions, for comparison."""
    if isinstance(e, Delta):
        return Integer(int(env[e.args[0].name] == env[e.args[1].name]))
    if isinstance(e, Sum):
        return sum((value(e.body, {**env, e.index.name: n}, data) for n in range(3)), Integer(0))
    if e.is_Integer:
        return e
    if hasattr(e, "array"):
        return Integer(data[e.array.name][env[e.indices[0].name]])
    return e.func(*(value(a, env, data) for a in e.args))


@settings(max_examples=200, deadline=None)
@given(expressions(), st.sampled_from("ijkl"), st.sampled_from("ijkl"))
def test_substitution_never_captures(e: Expr, old: str, new: str) -> None:
    data = {"z": (2, 3, 5), "y": (7, 11, 13)}
    env = {"i": 0, "j": 1, "k": 2, "l": 1}
    made = rename(e, {Index(old): Index(new)})
    assert value(made, env, data) == value(e, {**env, old: env[new]}, data)


@settings(max_examples=200, deadline=None)
@given(expressions())
def test_naming_apart_changes_names_only(e: Expr) -> None:
    made = apart(e, index("i j k l"))
    assert same(made, e)
    assert canonical(canonical(e)) == canonical(e)
    assert free_indices(made) == free_indices(e)


# What SymPy 1.14 does with symbolic n, and what must not happen here.


def test_a_derivative_does_not_capture_the_bound_index() -> None:
    assert prove(Deriv(Sum(Exp(z[k]), k), z[k]), Exp(z[k])) is not None
    assert prove(Deriv(Sum(Exp(z[k]), k), z[k]), Sum(Exp(z[k]), k)) is None


def test_renaming_does_not_capture() -> None:
    made = rename(Sum(z[k] * y[i], k), {i: k})
    assert prove(made, y[k] * Sum(z[l], l)) is not None
    assert prove(made, Sum(z[k] * y[k], k)) is None


def test_a_maximum_over_an_index_does_not_collapse() -> None:
    assert Max(z[k], k) != z[k]
    assert prove(Max(z[k], k), Max(z[l], l)) is not None
    assert prove(Max(z[k], k), z[i]) is None


def test_the_derivative_of_log_sum_exp_is_not_0() -> None:
    slope = Deriv(Log(Sum(Exp(z[k]), k)), z[j])
    assert prove(slope, p[j], SOFTMAX) is not None
    assert prove(slope, Integer(0), SOFTMAX) is None


def test_log_of_exp_stays_until_a_rule_takes_it_away() -> None:
    assert Log(Exp(z[i])) != z[i]
    assert prove(Log(Exp(z[i])), z[i]) is not None


@pytest.mark.parametrize("name", ["k", "l"])
def test_sums_are_one_whatever_the_index_is_called(name: str) -> None:
    bound = Index(name)
    assert same(Sum(z[bound], bound), Sum(z[i], i))
    assert sympy.simplify(Sum(z[bound], bound) - Sum(z[bound], bound)) == 0
