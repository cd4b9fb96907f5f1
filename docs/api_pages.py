"""Generated pages of the Python API: every public name, from signatures and docstrings."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import contract
from markdown import table

import ganzoo

MODULES = (
    "ganzoo",
    "ganzoo.data",
    "ganzoo.evaluation",
    "ganzoo.training",
    "ganzoo.hub",
    "ganzoo.losses",
    "ganzoo.layers",
    "ganzoo.metrics",
    "ganzoo.testing",
    "ganzoo.errors",
)
WIDTH = 88
"""Characters of a signature that stays in one line."""


def api_pages() -> Iterator[tuple[str, str]]:
    """File names in docs/reference and texts, one page per module."""
    for name in MODULES:
        yield f"{name}.md", module_page(importlib.import_module(name))


def api_list() -> str:
    """Table of the modules; the marker `api` in a page."""
    rows = []
    for name in MODULES:
        module = importlib.import_module(name)
        first = contract.prose((inspect.getdoc(module) or "").partition("\n\n")[0])
        rows.append([f"[`{name}`]({name}.md)", first])
    return table(["module", "content"], rows)


def module_page(module: ModuleType) -> str:
    """Page of one module: a table of its names, then each name."""
    names = public_names(module)
    parts = [f"# {module.__name__}\n\n{module_text(module)}\n"]
    rows = [[f"[`{name}`](#{anchor(name)})", summary(module, name)] for name in names]
    parts.append(table(["name", "description"], rows) + "\n")
    parts += [described(module, name) for name in names]
    return "\n".join(parts)


def public_names(module: ModuleType) -> list[str]:
    """Names that a module exports; those of `ganzoo.errors` are its classes."""
    if hasattr(module, "__all__"):
        return [name for name in module.__all__ if name != "__version__"]
    classes = inspect.getmembers(module, inspect.isclass)
    return [name for name, value in classes if value.__module__ == module.__name__]


def module_text(module: ModuleType) -> str:
    """Docstring of a module; indented lines and trees are shown as they are."""
    paragraphs = (inspect.getdoc(module) or "").replace("``", "`").split("\n\n")
    return "\n\n".join(map(_paragraph, _joined(paragraphs)))


def _joined(paragraphs: list[str]) -> Iterator[str]:
    """Paragraphs; neighbors that are indented become one."""
    code: list[str] = []
    for each in paragraphs:
        if each.startswith("    "):
            code.append(each)
            continue
        if code:
            yield "\n\n".join(code)
            code = []
        yield each
    if code:
        yield "\n\n".join(code)


def _paragraph(text: str) -> str:
    if text.startswith("    "):
        return f"```py\n{inspect.cleandoc(text)}\n```"
    if "├──" in text or text.startswith(("import ", "@", "from ")):
        kind = "text" if "├──" in text else "py"
        return f"```{kind}\n{text}\n```"
    return text


def anchor(name: str) -> str:
    """Anchor of a heading with a name, as the site makes it."""
    return name.lower()


def summary(module: ModuleType, name: str) -> str:
    """First sentence of a name's description."""
    if module is ganzoo and name in _aliases():
        text = _aliases()[name]
    else:
        value = getattr(module, name)
        text = (inspect.getdoc(value) or "") if documented(value) else _short(value)
    first = contract.prose(text).partition("\n")[0]
    return re.split(r"(?<=[^.]\.)\s", first)[0]


def described(module: ModuleType, name: str) -> str:
    """Heading, signature, description, fields and methods of a name."""
    if module is ganzoo and name in _aliases():
        return f"## {name}\n\n{contract.prose(_aliases()[name])}\n"
    value = getattr(module, name)
    if inspect.ismodule(value):
        return f"## {name}\n\nThe module [`ganzoo.{name}`](ganzoo.{name}.md).\n"
    if inspect.isclass(value):
        return _class(name, value)
    if isinstance(value, FunctionType):
        return f"## {name}\n\n{_function(name, value)}\n"
    return f"## {name}\n\nA constant: {_short(value)}\n"


def _short(value: object) -> str:
    text = repr(value)
    return f"a {type(value).__name__}" if " at 0x" in text or len(text) > 2 * WIDTH else f"`{text}`"


def _class(name: str, cls: type) -> str:
    parts = [f"## {name}\n\n```py\n{signature(name, cls)}\n```\n"]
    parts.append(contract.prose(inspect.getdoc(cls) or "") + "\n")
    if fields := list(contract.attributes(cls)):
        parts.append("\n".join(fields) + "\n")
    for each, member in vars(cls).items():
        function = member.__func__ if isinstance(member, classmethod) else member
        if each.startswith("_"):
            continue
        if isinstance(function, FunctionType) and function.__doc__:
            parts.append(f"### {name}.{each}\n\n{_function(each, function)}\n")
        elif isinstance(member, property) and member.__doc__:
            parts.append(f"### {name}.{each}\n\n{contract.prose(inspect.getdoc(member) or '')}\n")
    return "\n".join(parts)


def _function(name: str, function: Callable[..., object]) -> str:
    text = contract.prose(inspect.getdoc(function) or "")
    return f"```py\n{signature(name, function)}\n```\n\n{text}"


def signature(name: str, value: Any) -> str:
    """A call with its types; one argument per line where it is long."""
    try:
        found = inspect.signature(value)
    except ValueError:
        return name
    kept = [each for key, each in found.parameters.items() if key not in ("self", "cls")]
    parts = [_parameter(each) for each in kept]
    keyword = next((i for i, each in enumerate(kept) if each.kind is each.KEYWORD_ONLY), None)
    if keyword is not None and not any(each.kind is each.VAR_POSITIONAL for each in kept):
        parts.insert(keyword, "*")
    returned = found.return_annotation
    has_result = returned is not found.empty and not inspect.isclass(value)
    result = f" -> {_annotation(returned)}" if has_result else ""
    line = f"{name}({', '.join(parts)}){result}"
    if len(line) <= WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){result}"


def _parameter(each: inspect.Parameter) -> str:
    stars = str(each)[: len(str(each)) - len(str(each).lstrip("*"))]
    kind = "" if each.annotation is each.empty else f": {_annotation(each.annotation)}"
    if each.default is each.empty:
        return f"{stars}{each.name}{kind}"
    default = "..." if "<factory>" in repr(each.default) else repr(each.default)
    return f"{stars}{each.name}{kind}{' = ' if kind else '='}{default}"


def _annotation(kind: object) -> str:
    """Source of a type, without what ``Annotated`` adds."""
    if not isinstance(kind, str):
        return inspect.formatannotation(kind)
    node = ast.parse(kind, mode="eval").body
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated":
        assert isinstance(node.slice, ast.Tuple)
        return ast.unparse(node.slice.elts[0])
    return kind


def documented(value: object) -> bool:
    """True for what has a docstring of its own."""
    return inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value)


def _aliases() -> dict[str, str]:
    """Descriptions of the type aliases of the contract."""
    found = {}
    for text in contract.aliases():
        head, _, body = text.partition("\n\n")
        found[head.strip("# `")] = body
    return found
