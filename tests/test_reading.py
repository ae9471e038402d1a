"""Formulas as people write them: read rightly, or refused with the place and the remedy (law 8)."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, pi

from derive.errors import DeriveError
from derive.language import (
    Abs,
    Array,
    Cases,
    Delta,
    Deriv,
    Exp,
    Index,
    Log,
    LogGamma,
    Max,
    Maximum,
    Prod,
    Relu,
    Sigmoid,
    Softplus,
    Step,
    Sum,
    index,
    size,
    sqrt,
)
from derive.reading.reader import read_equation, read_expression
from derive.reading.scope import Scope
from derive.terms import same

i, j, k, t = index("i j k t")
iq, jq, kq = index("i j k", "q")
z, p, y, o, x, yhat, S, f, s = (
    Array(name, ("n",)) for name in ("z", "p", "y", "o", "x", "yhat", "S", "f", "s")
)
zq, yq, oq = (Array(name, ("q",)) for name in ("z", "y", "o"))
L, ell, Sigma, m, zs, xs, a, b, c, d = (
    Array(name)() for name in ("L", "l", "Sigma", "m", "z", "x", "a", "b", "c", "d")
)
softmax = Exp(z[i]) / Sum(Exp(z[k]), k)

NOTATION = {
    r"p_i=\frac{e^{z_i}}{\sum_{k=1}^{n} e^{z_k}}": (p[i], softmax),
    r"\frac{\partial p_i}{\partial z_j}": (Deriv(p[i], z[j]),),
    r"\frac{\partial}{\partial z_j} p_i": (Deriv(p[i], z[j]),),
    r"\frac{\partial L}{\partial z_j} = p_j - y_j": (Deriv(L, z[j]), p[j] - y[j]),
    r"\sum_{k=1}^{n} e^{z_k}": (Sum(Exp(z[k]), k),),
    r"\sum_{k=1}^{n} z_k": (Sum(z[k], k),),
    r"\sum_k e^{z_k}": (Sum(Exp(z[k]), k),),
    r"\sum_{j\neq i} y_j p_j": (Sum(y[j] * p[j], j, i),),
    r"\sum_{j=1}^q y_j \log \sum_{k=1}^q \exp(o_k) - \sum_{j=1}^q y_j o_j": (
        Sum(yq[jq] * Log(Sum(Exp(oq[kq]), kq)), jq) - Sum(yq[jq] * oq[jq], jq),
    ),
    r"\begin{cases} p_i(1-p_i) & i=j \\ -p_i p_j & i\neq j\end{cases}": (
        Cases(p[i] * (1 - p[i]), Delta(i, j), -p[i] * p[j]),
    ),
    r"\delta_{ij}": (Delta(i, j),),
    r"p_i(\delta_{ij}-p_j)": (p[i] * (Delta(i, j) - p[j]),),
    r"\log p_i": (Log(p[i]),),
    r"\sum_k -p_k": (-Sum(p[k], k),),
    r"\ln(s_i)": (Log(s[i]),),
    r"\max_k z_k": (Max(z[k], k),),
    r"\max(z_1, z_2)": (Maximum(z[Integer(1)], z[Integer(2)]),),
    r"\max\{z_k\}": (Max(z[k], k),),
    r"\hat{y}_i - y_i": (yhat[i] - y[i],),
    r"\hat y_i": (yhat[i],),
    r"\mathbf{p}-\mathbf{y}": (p[i] - y[i],),
    r"\mathrm{softmax}(\mathbf{o})_j": (Exp(o[j]) / Sum(Exp(o[k]), k),),
    r"\operatorname{softmax}(z)_i": (softmax,),
    r"\exp(z_i)": (Exp(z[i]),),
    r"\mathbb{1}[i=j]": (Delta(i, j),),
    r"\mathbf{1}\{i=j\}": (Delta(i, j),),
    r"1\{i=j\}": (Delta(i, j),),
    r"\frac{e^{z_i}\Sigma - e^{z_i}e^{z_j}}{\Sigma^2}": (
        (Exp(z[i]) * Sigma - Exp(z[i]) * Exp(z[j])) / Sigma**2,
    ),
    r"p_i \cdot (1-p_i)": (p[i] * (1 - p[i]),),
    r"\partial_{o_j} l": (Deriv(ell, o[j]),),
    r"D_jS_i = S_i(\delta_{ij}-S_j)": "does not say which variable",
    r"\nabla_z L = p - y": (Deriv(L, z[i]), p[i] - y[i]),
    r"-\sum_i y_i\frac{1}{p_i}\frac{\partial p_i}{\partial z_j}": (
        -Sum(y[i] / p[i] * Deriv(p[i], z[j]), i),
    ),
    r"\left(\sum_{k=1}^n e^{z_k}\right)^2": (Sum(Exp(z[k]), k) ** 2,),
    r"\dfrac{e^{f_k}}{\sum_{j} e^{f_j}}": (Exp(f[k]) / Sum(Exp(f[j]), j),),
    r"\prod_{i=1}^n p_i^{y_i}": (Prod(p[i] ** y[i], i),),
    r"x^{(i)}": (x[i],),
    r"\sigma'(z)": (Sigmoid(zs) * (1 - Sigmoid(zs)),),
    r"z_i - \max_j z_j": (z[i] - Max(z[j], j),),
    r"e^{z_i-m}": (Exp(z[i] - m),),
    r"y_{i,j}": (Array("y", ("n", "m"))[Index("i", "n"), Index("j", "m")],),
    r"\frac{d y_i}{d x_j}": (Deriv(y[i], Array("x", ("m",))[Index("j", "m")]),),
    r"\sum_{i=1}^n i + 1": "the index i is used as a number",
}


def agree(read, expected):
    """Equal up to the names of ranges, which inference is free to choose."""
    assert len(read) == len(expected)
    return all(same(_plain(one), _plain(other)) for one, other in zip(read, expected, strict=True))


def _plain(expr):
    if isinstance(expr, Index):
        return Index(expr.name, "_")
    if isinstance(expr, Array):
        return Array(expr.name, ("_",) * len(expr.ranges)) if expr.domain != "size" else expr
    return expr.func(*map(_plain, expr.args)) if expr.args else expr


@pytest.mark.parametrize("latex", NOTATION)
def test_notation_in_use(latex):
    expected = NOTATION[latex]
    if isinstance(expected, str):
        with pytest.raises(DeriveError, match=expected) as caught:
            read_equation(latex)
        assert caught.value.place is not None
    else:
        assert agree(read_equation(latex).sides, expected)


def test_agreement_can_fail():
    assert not agree(read_equation(r"p_i(\delta_{ij}-p_j)").sides, (p[i] * Delta(i, j) - p[j],))
    assert not agree(read_equation(r"\sum_k e^{z_k}").sides, (Sum(Exp(z[k]), k, j),))


REACH = {
    r"\sum_k y_k \log p_k - z_j": Sum(y[k] * Log(p[k]), k) - z[j],
    r"p_k - \sum_k p_k": p[k] - Sum(p[j], j),
    r"\sum_k p_k - z_k": Sum(p[j], j) - z[k],
    r"p_k \sum_k z_k": p[k] * Sum(z[j], j),
    r"\sum_k p_k \sum_k z_k": Sum(p[k] * Sum(z[j], j), k),
    r"\sum_k e^{z_k} p_i": Sum(Exp(z[k]) * p[i], k),
    r"(\sum_{c\neq j}y_c+y_j)p_j-y_j": (Sum(y[k], k, j) + y[j]) * p[j] - y[j],
    r"-\sum_{c\neq j}\frac{y_c}{p_c}*(-p_cp_j)": -Sum(-y[k] * p[j], k, j),
    r"\log p_i \cdot y_i": Log(p[i]) * y[i],
    r"\log p_i \log y_i": Log(p[i]) * Log(y[i]),
    r"\log\sum_k \exp z_k": Log(Sum(Exp(z[k]), k)),
    r"\log\sigma(z)": Log(Sigmoid(zs)),
    r"\sigma(z)^2": Sigmoid(zs) ** 2,
    r"\log p_i^2": Log(p[i] ** 2),
    r"\log^2 p_i": Log(p[i]) ** 2,
    r"\log\Gamma(z)": LogGamma(zs),
    r"\frac{e^{z_i}}{\sum e^{z_k}}": softmax,
    r"\sum_{i,j} p_i p_j": Sum(Sum(p[i] * p[j], j), i),
    r"\sum_{k=1}^2 z_k": Sum(Array("z", ("2",))[Index("k", "2")], Index("k", "2")),
    r"\sum_{k=2}^n z_k": Sum(z[k], k, Integer(1)),
    r"\sum_{k=0}^{n-1} z_k": Sum(z[k], k),
    r"\sum_{0 \le k < n} z_k": Sum(z[k], k),
    r"\sum_{k=1, k\ne j}^n z_k": Sum(z[k], k, j),
    r"\sum_{\substack{k=1\\k\ne j}}^n z_k": Sum(z[k], k, j),
    r"\sum_{1\le k\le n} z_k": Sum(z[k], k),
    r"-y_i(1-p_i)+\sum_{k\neq 1}y_k.p_i.": -y[i] * (1 - p[i]) + Sum(y[k] * p[i], k, Integer(1)),
    r"\frac{\partial}{\partial z_j}\log p_i": Deriv(Log(p[i]), z[j]),
    r"\frac{\partial^2 L}{\partial z_j \partial z_k}": Deriv(Deriv(L, z[k]), z[j]),
    r"\frac{\partial^2 L}{\partial z_j^2}": Deriv(Deriv(L, z[j]), z[j]),
    r"\frac{\mathrm{d} L}{\mathrm{d} z_j}": Deriv(L, z[j]),
    r"\frac{d w}{d}": Array("w")(),
}


@pytest.mark.parametrize("latex", REACH)
def test_how_far_signs_reach(latex):
    assert agree([read_expression(latex)], [REACH[latex]])


SINGLE = {
    "{z}_{k}": z[k],
    r"{\color{red} p_j} - y_j": p[j] - y[j],
    r"\textcolor{red}{p_j}": p[j],
    r"\left|x\right|": Abs(xs),
    r"\lvert x \rvert": Abs(xs),
    "|x||z|": Abs(xs) * Abs(zs),
    r"\sqrt{x}": sqrt(xs),
    r"\sqrt[3]{x}": xs ** Rational(1, 3),
    "x^{1/2}": sqrt(xs),
    "0.5 x": xs / 2,
    r"\frac12 x": xs / 2,
    r"1/2 (a-b)^2": (a - b) ** 2 / 2,
    "a/b": a / b,
    r"a/b \cdot c": a * c / b,
    "exp(x)": Exp(xs),
    "log p_i": Log(p[i]),
    r"e^x": Exp(xs),
    r"\mathrm{e}^{x}": Exp(xs),
    r"\mathrm{ReLU}(x)": Relu(xs),
    r"\operatorname{softplus}(x)": Softplus(xs),
    r"2\pi": 2 * pi,
    "[i=j]": Delta(i, j),
    r"\mathbb 1[x>0]": Step(xs),
    r"\mathbf{1}_{i=j}": Delta(i, j),
    r"\mathbb{1}[x \ge 0]": 1 - Step(-xs),
    r"\mathbb{1}[i \ne j]": 1 - Delta(i, j),
    "∑_k z_k": Sum(z[k], k),
    r"\|\mathbf{w}\|_2": sqrt(Sum(Array("w", ("n",))[k] ** 2, k)),
    r"\|z\|^2": Sum(z[k] ** 2, k),
    r"\|z\|_1": Sum(Abs(z[k]), k),
    r"w^\top x": Sum(Array("w", ("n",))[k] * x[k], k),
    r"\mathbf{z}\cdot\mathbf{y}": Sum(z[k] * y[k], k),
    r"\langle\mathbf{z},\mathbf{y}\rangle": Sum(z[k] * y[k], k),
    r"\|\mathbf z - \mathbf y\|^2": Sum((z[k] - y[k]) ** 2, k),
    r"\mathrm{softmax}(z_i)": softmax,
    r"\mathrm{softmax}_i(z)": softmax,
    r"\log\mathrm{softmax}(z)_i": Log(softmax),
    r"\operatorname{log\_softmax}(z)_i": z[i] - Log(Sum(Exp(z[k]), k)),
    r"\mathrm{logsumexp}(\mathbf z)": Log(Sum(Exp(z[k]), k)),
    r"\min(a,b)": -Maximum(-a, -b),
    r"\min_k z_k": -Max(-z[k], k),
    r"\max(a,b,c)": Maximum(Maximum(a, b), c),
    r"\max \mathbf z": Max(z[k], k),
    "p(1-p)": Array("p")() * (1 - Array("p")()),
    r"p_i(y_i)": p[i] * y[i],
    "L_{CE}": Array("L_CE")(),
    r"\Sigma_C": Array("Sigma_C")(),
    "w_0": Array("w_0")(),
    r"\sum_k e^{z_k} / \sum_l e^{z_l}": Sum(Exp(z[k]) / Sum(Exp(z[i]), i), k),
    r"\frac{1}{n}\sum_{k=1}^n z_k": Sum(z[k], k) / size("n"),
    r"\begin{cases} a & \text{if } x > 0, \\ b & x \le 0 \end{cases}": Cases(a, Step(xs), b),
    r"\begin{cases} a & x < 0 \\ b & \text{otherwise} \end{cases}": Cases(a, Step(-xs), b),
    r"\begin{cases} a & \text{当 } i=j \\ b & \text{其他} \end{cases}": Cases(a, Delta(i, j), b),
}


@pytest.mark.parametrize("latex", SINGLE)
def test_single_constructs(latex):
    assert agree([read_expression(latex)], [SINGLE[latex]])


REFUSED = {
    r"\log p_i q_i": (r"how far log reaches", (1, 10)),
    r"\log p_i (1-p_i)": (r"how far log reaches", (1, 10)),
    r"\log a / b": (r"how far log reaches", (1, 8)),
    r"\log(p_i)^2": (r"read in two ways", (1, 5)),
    r"a/bc": (r"a/bc and a/b/c", (1, 4)),
    r"a/b/c": (r"a/bc and a/b/c", (1, 4)),
    r"f(x)": (r"a call or a product", (1, 2)),
    r"p(x)": (r"a call or a product", (1, 2)),
    r"z_{12}": (r"one position or several", (1, 4)),
    r"z_{i+1}": (r"without arithmetic", (1, 4)),
    r"z_i^{(2)} + z^{(i)}_j - z_k": (r"z has 1 indices here and 2", (1, 25)),
    r"x_i + x^{(j)}": (r"as a subscript and as a superscript", (1, 7)),
    r"x^23": (r"without braces", (1, 3)),
    r"{a+b}^2": (r"does not show these braces", (1, 1)),
    r"\sum_{k=0}^{n} z_k": (r"has n \+ 1 terms; expected n - 1", (1, 13)),
    r"\sum_{k=0}^{n-1} z_k + \sum_{k=1}^n z_k": (r"count from", (1, 30)),
    r"\sum_{k=1}^{n-1} z_k": (r"upper bound", (1, 13)),
    r"\sum_{j\ne j} z_j": (r"leaves nothing", (1, 12)),
    r"\prod_k -p_k": (r"needs something to run over", (1, 1)),
    r"y_i \sum y_i": (r"free elsewhere", (1, 5)),
    r"\sum a_i b_j": (r"which index the sum runs over", (1, 1)),
    r"\sum_{k=1}^n z_k + \sum_{k=1}^m z_k": (r"would run over m and over n", (1, 33)),
    r"\sum_{k=1}^n z_n": (r"size of a range", (1, 16)),
    r"\prod_k p_k q": (r"how far this product", (1, 9)),
    r"\max(z_k)": (r"which index max runs over", (1, 5)),
    r"\frac{\partial}{\partial z_j} a_j b_j": (r"how far the derivative reaches", (1, 31)),
    r"\partial_j L": (r"does not say which variable", (1, 1)),
    r"\frac{y_i \partial p_i}{\partial z_j}": (r"cannot stand|stands alone", (1, 11)),
    r"\mathbf{p} \mathbf{y}": (r"two vectors side by side", (1, 20)),
    r"\mathbf{p} - y_i": (r"beside a whole vector", (1, 14)),
    r"\mathbf{p} - c": (r"a number or a vector", (1, 14)),
    r"e^{-\|x_i - c\|^2}": (r"beside a whole vector", (1, 7)),
    r"\|x_i\|": (r"not a vector", (1, 1)),
    r"\frac{\partial L}{\partial \mathbf z} = a b + y_i": (
        r"vector stands on the other side",
        (1, 41),
    ),
    r"Xw - y": (r"matrices", (1, 1)),
    r"loss + 1": (r"product of 4 letters", (1, 1)),
    r"t\, p_t": (r"t is an index here and a number", (1, 7)),
    r"x'": (r"give it a name", (1, 1)),
    r"\mathrm{softmax}(z_{ij})": (r"which index softmax runs over", (1, 17)),
    r"\begin{cases} a & i=j \\ b & i=k \end{cases}": (r"may leave a gap", (1, 1)),
    r"\begin{cases} a & x=1 \\ b & \text{otherwise} \end{cases}": (r"between values", (1, 19)),
    r"\frac{1}{0}": (r"divides by zero", (1, 10)),
    r"a \pm b": (r"\\pm is not understood", (1, 3)),
    r"[\mathrm{softmax}(z_1), \dots]": (r"a list stands here", (1, 1)),
    r"\input{/etc/passwd}": (r"\\input is not understood", (1, 1)),
    "a + \n b )": (r"closes nothing", (2, 4)),
    r"(a + b": (r"not closed", (1, 1)),
    r"a +": (r"the formula ends here; expected a term", (1, 4)),
    r"": (r"no formula here", (1, 1)),
    r"a = b < = c": (r"cannot stand here", (1, 9)),
    r"\sum_k \exp(z_k) / n": (r"n may be a number or the size", (1, 20)),
    r"a__b": (r"cannot stand here; expected", (1, 3)),
    r"a_b_c": (r"two subscripts", (1, 4)),
}


@pytest.mark.parametrize("latex", REFUSED)
def test_refused_with_place_and_reason(latex):
    reason, place = REFUSED[latex]
    with pytest.raises(DeriveError, match=reason) as caught:
        read_equation(latex)
    assert caught.value.place == place


def test_a_declared_scope_settles_what_letters_mean():
    tau, p_ = Array("tau"), Array("p")
    scope = Scope((tau, p_), closed=True)
    assert read_expression(r"p(\tau)", scope) == p_() * tau()
    assert read_expression("abc", Scope((Array("a"), Array("b"), Array("c")))) == a * b * c
    assert read_expression("z_{12}", Scope((z,))) == z[Integer(12)]
    sigma = Array("sigma")
    assert read_expression(r"\sigma(a+b)", Scope((sigma,))) == sigma() * (a + b)


def test_a_closed_scope_names_the_nearest():
    with pytest.raises(DeriveError, match="did you mean yhat"):
        read_expression(r"p_i + \hat q_i", Scope((p, yhat), {"i": "n"}, closed=True))


def test_ranges_are_inferred_across_uses():
    made = read_expression(r"\sum_{r=1}^N \sum_{k=1}^C Y_{rk} \log P_{rk}")
    Y, P = (Array(n, ("N", "C")) for n in "YP")
    r, kC = Index("r", "N"), Index("k", "C")
    assert same(made, Sum(Sum(Y[r, kC] * Log(P[r, kC]), kC), r))


def test_the_variable_of_D_comes_from_the_scope():
    made = read_equation(
        r"D_jS_i = S_i(\delta_{ij}-S_j)",
        Scope((Array("a", ("n",)), S), {"i": "n", "j": "n"}, wrt="a"),
    )
    assert made.sides == (Deriv(S[i], Array("a", ("n",))[j]), S[i] * (Delta(i, j) - S[j]))


def test_sides_carry_their_places():
    made = read_equation("p_i\n= q_i\n= r_i")
    assert made.relations == ("=", "=") and made.places == ((1, 1), (2, 3), (3, 3))
