"""Templates: undefined names are errors, and what is supplied must be what is used."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, meta

from codegen.errors import CodegenError


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The one Jinja environment: strict, block tags on lines of their own leave no blank line."""
    made = Environment(
        loader=PackageLoader("codegen"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"in_docstring": in_docstring, "in_comment": in_comment}
    return made


def in_docstring(words: str) -> str:
    """Words, also of a user's command, that cannot end the Python docstring they stand in."""
    return words.replace("\\", "\\\\").replace('"', '\\"')


def in_comment(words: str) -> str:
    """Words, also of a user's command, that cannot end the C comment they stand in."""
    return words.replace("*/", "* /").replace("/*", "/ *").replace("\n", "\n * ")


def render(template: str, **keys: Any) -> str:
    """The text of a template; its free names must be exactly the keys."""
    used = _free_names(template)
    if used != set(keys):
        wrong = ", ".join(sorted(used ^ set(keys)))
        raise CodegenError(f"template {template} and its printer disagree about: {wrong}")
    return environment().get_template(template).render(**keys)


@lru_cache(maxsize=64)
def _free_names(template: str) -> frozenset[str]:
    """The names that a template and those it includes take from outside."""
    env = environment()
    assert env.loader is not None
    tree = env.parse(env.loader.get_source(env, template)[0])
    inner = (_free_names(name) for name in meta.find_referenced_templates(tree) if name)
    return frozenset(meta.find_undeclared_variables(tree)).union(*inner)
