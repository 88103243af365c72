"""Every small mistake that could be made in a module: one operator, number, word, element or statement at a time.

What people read (the sentences of a `Text`, messages of errors, docstrings) and annotations are left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_SAID = {"Text", "assert_never", "TypeVar"}


class Mutant(NamedTuple):
    """A changed module: where, what stood there and what stands there now; `number` tells equal ones apart.

    `lines` are those of the statement that was changed: a test that runs none of them cannot notice.
    """

    where: str
    before: str
    after: str
    number: int
    tree: ast.Module
    outside: bool
    lines: range

    @property
    def name(self) -> str:
        """Return what it is called in the list of equivalents."""
        again = f" ({self.number})" if self.number > 1 else ""
        return f"{self.where}: {self.before} → {self.after}{again}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree = ast.parse(source)
    seen: Counter[tuple[str, str, str]] = Counter()
    for path, where, outside in list(_places(tree, (), "", outside=True)):
        for before, after, changed in _changes(tree, path):
            seen[where, before, after] += 1
            yield Mutant(where, before, after, seen[where, before, after], changed, outside, _lines(tree, path))


_Path = tuple[tuple[str, int | None], ...]


def _at(tree: Any, path: _Path) -> Any:
    for field, index in path:
        tree = getattr(tree, field)
        tree = tree if index is None else tree[index]
    return tree


def _lines(tree: ast.Module, path: _Path) -> range:
    """Return the lines of the innermost statement on the way to a node."""
    on_the_way = [_at(tree, path[:length]) for length in range(1, len(path) + 1)]
    statement = [node for node in on_the_way if isinstance(node, ast.stmt)][-1]
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _places(node: ast.AST, path: _Path, where: str, *, outside: bool) -> Iterator[tuple[_Path, str, bool]]:
    """Yield the nodes that may be changed, with the name of what they are in, and whether that is run by importing."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        where = f"{where}.{node.name}" if where else node.name
    yield path, where or "module", outside
    inside = outside and not isinstance(node, ast.FunctionDef | ast.Lambda)
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "type_params", "bases", "ctx"}:
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            at_import = outside if field == "args" else inside  # defaults
            place = (*path, (field, index if isinstance(value, list) else None))
            yield from _places(child, place, where, outside=at_import)


def _is_left_alone(node: ast.AST) -> bool:
    """Whether it is a docstring, an import, something said to people, or for the type checker only."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Raise):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SAID


def _changes(tree: ast.Module, path: _Path) -> Iterator[tuple[str, str, ast.Module]]:
    node = _at(tree, path)
    if not path or not isinstance(node, ast.expr | ast.stmt):
        return
    for new in _instead(node):
        changed = deepcopy(tree)
        holder = _at(changed, path[:-1])
        field, index = path[-1]
        if index is None:
            setattr(holder, field, new)
        else:
            getattr(holder, field)[index] = new
        ast.fix_missing_locations(changed)
        yield _short(node), _short(new), changed


def _short(node: ast.AST) -> str:
    """Return the first line of how a node is written."""
    return ast.unparse(node).splitlines()[0]


def _instead(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand there by mistake."""
    yield from _other_operators(node)
    yield from _other_values(node)
    yield from _fewer(node)
    yield from _other_statements(node)


def _other_operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[one, *others]):
            for other in _COMPARED[type(one)]:
                yield _with(node, ops=[other(), *others])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.And() if isinstance(op, ast.Or) else ast.Or())
        case ast.BinOp(op=op) if type(op) in _COMPUTED:
            yield _with(node, op=_COMPUTED[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.IfExp(body=body, orelse=orelse):
            yield body
            yield orelse


def _other_values(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool() as value):
            yield ast.Constant(value=not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value=value + 1)
        case ast.Constant(value=str() as value):
            yield ast.Constant(value=f"{value}?")
        case ast.Name(id=name) if name in _NAMES:
            yield ast.Name(id=_NAMES[name], ctx=ast.Load())


def _fewer(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a group with one element less, a condition with one part less, a comprehension without its condition."""
    match node:
        case ast.Set(elts=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts, ctx=ast.Load()) if len(parts) > 1:
            for number in range(len(parts)):
                yield _with(node, elts=_without(parts, number))
        case ast.Dict(keys=keys, values=values) if len(keys) > 1:
            for number in range(len(keys)):
                yield _with(node, keys=_without(keys, number), values=_without(values, number))
        case ast.BoolOp(values=values):
            for number in range(len(values)):
                rest = _without(values, number)
                yield rest[0] if len(rest) == 1 else _with(node, values=rest)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            first, *others = node.generators
            for number in range(len(first.ifs)):
                yield _with(node, generators=[_with(first, ifs=_without(first.ifs, number)), *others])


def _other_statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If():
            yield _with(node, test=ast.Constant(value=True))
            yield _with(node, test=ast.Constant(value=False))
        case ast.Continue():
            yield ast.Break()
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            yield ast.Return(value=ast.Constant(value=None))
        case ast.AugAssign() | ast.Expr(value=ast.Call()):
            yield ast.Pass()


def _without(parts: list[Any], number: int) -> list[Any]:
    return parts[:number] + parts[number + 1 :]


def _is_nothing(node: ast.AST) -> bool:
    """Whether it is as false as what would be returned instead."""
    empty = isinstance(node, ast.Tuple | ast.List) and not node.elts
    return empty or (isinstance(node, ast.Constant) and not node.value)


def _with(node: Any, **parts: Any) -> Any:
    """Return a node with other parts."""
    new = type(node)(**{field: getattr(node, field) for field in node._fields})
    for name, value in parts.items():
        setattr(new, name, value)
    return new
