"""The commands and words of LaTeX that a formula may hold: command or word → token type and value.

`FUNCTION_WORDS` are functions however they are set (\\log, \\operatorname{log}, log).
"""

from __future__ import annotations

from derive.notation_style import GREEK

FUNCTION_WORDS = {
    "exp": "exp", "log": "log", "ln": "log", "tanh": "tanh", "max": "max", "min": "min",
    "erf": "erf", "softmax": "softmax", "Softmax": "softmax", "SoftMax": "softmax",
    "softplus": "softplus", "Softplus": "softplus", "relu": "relu", "ReLU": "relu",
    "sigmoid": "sigmoid", "Sigmoid": "sigmoid", "sign": "sign", "sgn": "sign", "abs": "abs",
    "logsoftmax": "logsoftmax", "LogSoftmax": "logsoftmax", "logsumexp": "logsumexp",
    "LSE": "logsumexp", "lse": "logsumexp", "lgamma": "lgamma", "argmax": "argmax", "arg": "arg",
    "argmin": "argmin", "sqrt": "sqrt", "step": "step", "smax": "softmax", "diag": "diag",
    "cosh": "cosh", "sinh": "sinh", "log1p": "log1p", "expm1": "expm1", "logit": "logit",
    "logsigmoid": "logsigmoid", "LogSigmoid": "logsigmoid",
    "sin": "sin", "cos": "cos", "tan": "tan",
    "Diag": "diag", "tr": "trace", "Tr": "trace", "trace": "trace",
    "clip": "clip", "clamp": "clip",
}  # fmt: skip
ONLY_AS_COMMAND = frozenset(["step", "logit", "diag", "Diag", "tr", "Tr", "trace", "clip", "clamp"])
COMMANDS: dict[str, tuple[str, str]] = {
    **{name: ("FUNCTION", made) for name, made in FUNCTION_WORDS.items()},
    **{name: ("GREEK", name) for name in GREEK},
    "varepsilon": ("GREEK", "epsilon"), "vartheta": ("GREEK", "theta"), "varphi": ("GREEK", "phi"),
    "varsigma": ("GREEK", "sigma"), "varrho": ("GREEK", "rho"), "ell": ("GREEK", "ell"),
    "frac": ("FRAC", ""), "dfrac": ("FRAC", ""), "tfrac": ("FRAC", ""), "cfrac": ("FRAC", ""),
    "sqrt": ("SQRT", ""), "sum": ("BIG", "sum"), "prod": ("BIG", "prod"),
    "partial": ("PARTIAL", ""), "nabla": ("NABLA", ""), "top": ("TOP", ""),
    "intercal": ("TOP", ""), "substack": ("SUBSTACK", ""), "infty": ("INFINITY", "infty"),
    "dots": ("DOTS", ""), "ldots": ("DOTS", ""), "cdots": ("DOTS", ""), "dotsc": ("DOTS", ""),
    "dotsb": ("DOTS", ""), "dotsm": ("DOTS", ""), "hdots": ("DOTS", ""),
    "hat": ("ACCENT", "hat"), "widehat": ("ACCENT", "hat"), "bar": ("ACCENT", "bar"),
    "overline": ("ACCENT", "bar"), "tilde": ("ACCENT", "tilde"), "widetilde": ("ACCENT", "tilde"),
    "mathbf": ("BOLD", ""), "boldsymbol": ("BOLD", ""), "bm": ("BOLD", ""), "vec": ("BOLD", ""),
    "pmb": ("BOLD", ""), "mathit": ("FONT", ""), "mathcal": ("FONT", ""), "mathsf": ("FONT", ""),
    "mathscr": ("FONT", ""), "cdot": ("TIMES", "cdot"), "times": ("TIMES", "times"),
    "ast": ("TIMES", "times"), "odot": ("TIMES", "odot"), "circ": ("TIMES", "odot"),
    "oslash": ("TIMES", "oslash"),
    "ne": ("DIFFERS", ""), "neq": ("DIFFERS", ""), "le": ("COMPARE", "<="),
    "leq": ("COMPARE", "<="), "leqslant": ("COMPARE", "<="), "ge": ("COMPARE", ">="),
    "geq": ("COMPARE", ">="), "geqslant": ("COMPARE", ">="), "lt": ("COMPARE", "<"),
    "gt": ("COMPARE", ">"), "in": ("IN", ""), "sim": ("SIM", "~"),
    "equiv": ("EQUALS", ""), "coloneqq": ("EQUALS", ""), "triangleq": ("EQUALS", ""),
    "lvert": ("BAR", ""), "rvert": ("BAR_END", ""), "vert": ("BARE_BAR", ""),
    "mid": ("BARE_BAR", ""), "lVert": ("NORM", ""), "rVert": ("NORM_END", ""),
    "Vert": ("BARE_NORM", ""), "langle": ("ANGLE", ""), "rangle": ("ANGLE_END", ""),
    "prime": ("PRIME", ""), "lbrace": ("CURLY", ""), "rbrace": ("CURLY_END", ""),
    "lbrack": ("SQUARE", ""), "rbrack": ("SQUARE_END", ""), "mathbbm": ("ONE", ""),
    "div": ("SLASH", ""), "llbracket": ("SQUARE", ""), "rrbracket": ("SQUARE_END", ""),
}  # fmt: skip
SKIPPED = frozenset(
    ["left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr",
     "biggl", "biggr", "Biggl", "Biggr", "quad", "qquad", "displaystyle", "textstyle",
     "scriptstyle", "limits", "nolimits", "enspace", "thinspace", "medspace", "thickspace",
     "nonumber", "notag", "large", "Large", "LARGE", "small", "normalsize", "tiny", "huge", "Huge",
     "bf", "it", "allowbreak", "!"]
)  # fmt: skip
WORD_COMMANDS = (
    "mathrm", "text", "operatorname", "textrm", "textit", "textbf", "mbox", "textsf", "texttt",
    "rm",
)  # fmt: skip
CONDITION_WORDS = frozenset(
    ["if", "otherwise", "else", "for", "when", "and", "where", "with", "while", "or"]
)
SYMBOLS = {
    "+": "PLUS", "-": "MINUS", "−": "MINUS", "–": "MINUS",
    "/": "SLASH", "*": "TIMES", "·": "TIMES", "×": "TIMES",
    "⊙": "TIMES", "∘": "TIMES",
    "⊘": "TIMES", "=": "EQUALS", ":=": "EQUALS", "<": "COMPARE", ">": "COMPARE",
    "≤": "COMPARE", "≥": "COMPARE", "≠": "DIFFERS", "∈": "IN", "_": "SUB", "^": "SUP",
    "'": "PRIME", "′": "PRIME", "{": "OPEN", "}": "CLOSE", "(": "ROUND", ")": "ROUND_END",
    "[": "SQUARE", "]": "SQUARE_END", "|": "BARE_BAR", r"\|": "BARE_NORM", "‖": "BARE_NORM",
    r"\{": "CURLY", r"\}": "CURLY_END", ",": "COMMA", "，": "COMMA", "&": "AMP", r"\\": "ROW",
    "∑": "BIG", "∏": "BIG", "∂": "PARTIAL", "∇": "NABLA", "（": "ROUND", "）": "ROUND_END",
    "!": "BANG", "…": "DOTS", "...": "DOTS", "⊤": "TOP", "∞": "INFINITY",
}  # fmt: skip
VALUES = {
    "≤": "<=", "≥": ">=", "∑": "sum", "∏": "prod", "·": "cdot", "*": "times", "×": "times",
    "⊙": "odot", "∘": "odot", "⊘": "oslash", "∞": "infty",
}  # fmt: skip
