"""The source text of functions, read from their module's file without importing it."""

from __future__ import annotations

import ast
from functools import cache
from importlib import resources

from engine.own.lessons import code_of


@cache
def _module_text(module: str) -> str:
    if (text := code_of(module)) is not None:
        return text
    package, *folders, name = module.split(".")
    path = resources.files(package)
    for folder in folders:
        path = path / folder
    return (path / f"{name}.py").read_text("utf-8")


@cache
def source_of(place: str) -> tuple[str, int]:
    """Read the source of `module:function` (or class, or `Class.method`); returns it and its first line's number.

    Raises:
        LookupError: the module has no such function.
        OSError: the module's file cannot be read.
    """
    module, _, name = place.partition(":")
    text = _module_text(module)
    found: ast.AST = ast.parse(text)
    for part in name.split("."):
        found = next(
            (
                node
                for node in ast.iter_child_nodes(found)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == part
            ),
            ast.Pass(),
        )
    if not isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        raise LookupError(f"{module} has no {name}")
    first = min([found.lineno, *(decorator.lineno for decorator in found.decorator_list)])
    lines = text.splitlines()[first - 1 : found.end_lineno]
    return "\n".join(lines), first
