"""Runs scripts of ours as Windows PowerShell 5.1 does, as far as they go; what is beyond that is an error of the test.

A script is read by PowerShell's grammar and its tree is walked. The traps are kept: what a command yields is taken
apart and one item is no list, names and comparisons ignore case unless told otherwise, functions see the variables of
their callers, and under `Set-StrictMode` what is not there is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol

import tree_sitter_powershell
from servers.powershell_values import (
    NOTHING,
    STATIC,
    Failure,
    Hashtable,
    PsObject,
    Unspoken,
    as_items,
    from_json,
    method,
    text_of,
    to_json,
    truth_of,
)  # fmt: skip
from tree_sitter import Language, Parser
from tree_sitter import Node as Found

_PARSER: Final = Parser(Language(tree_sitter_powershell.language()))
_COMMON: Final = frozenset({"erroraction", "warningaction", "warningvariable"})
_WHOLE: Final = frozenset(
    {"variable", "command", "statement_block", "statement_list", "program", "param_block", "hash_literal_body"}
)
_UNREAD: Final = frozenset({"comment", "command_argument_sep"})


class Node:
    """A part of a script; parts that only wrap another one are left out."""

    __slots__ = ("kids", "kind", "text")

    def __init__(self, found: Found) -> None:
        while found.child_count == 1 and found.type not in _WHOLE:
            found = found.children[0]
        self.kind = found.type
        self.text = (found.text or b"").decode()
        self.kids = [Node(child) for child in found.children if child.type not in _UNREAD]

    def named(self, *kinds: str) -> list[Node]:
        return [kid for kid in self.kids if kid.kind in kinds]


class Commands(Protocol):
    """The cmdlets of a host: `run` yields what one outputs, `warnings` are those it gave since they were taken."""

    warnings: list[str]

    def run(self, name: str, positional: list[Any], named: Mapping[str, Any]) -> Iterable[Any]:
        """Raises Failure."""
        ...


class Exit(Exception):  # noqa: N818 - the statement of that name
    """The process ends with a code."""


class _Return(Exception):  # noqa: N818 - the statement of that name
    pass


@dataclass(slots=True)
class _Function:
    parameters: list[tuple[str, str]]
    body: list[Node]


@dataclass(slots=True)
class _Scope:
    parent: _Scope | None = None
    variables: dict[str, Any] = field(default_factory=dict)

    def read(self, name: str) -> Any:
        scope: _Scope | None = self
        while scope:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.parent
        raise Failure(f"The variable '${name}' cannot be retrieved because it has not been set.", "VariableIsUndefined")


@lru_cache(maxsize=16)
def parsed(script: str) -> Node:
    """Return the tree of a script; what the grammar does not know is refused, as PowerShell does."""
    tree = _PARSER.parse(script.encode())
    if tree.root_node.has_error:
        raise Failure("Unexpected token in expression or statement.", "ParseException", "ParserError")
    return Node(tree.root_node)


@dataclass(slots=True)
class PowerShell:
    """A process: what it reads, where it writes, and the cmdlets it has."""

    lines: list[str]
    write: Callable[[str], None]
    commands: Commands
    functions: dict[str, _Function] = field(default_factory=dict)

    def run(self, script: str) -> int:
        """Run a script and return the exit code.

        Raises:
            Failure: an error that nobody caught ended it.
        """
        top = _Scope(variables={"input": self.lines, "true": True, "false": False, "null": None})
        try:
            self._script(parsed(script), top, [])
        except Exit as ended:
            return int(ended.args[0])
        return 0

    def _script(self, program: Node, scope: _Scope, arguments: list[Any]) -> list[Any]:
        function = _function(program)
        return self._call(function, scope, arguments, {})

    # ── statements ──

    def _statements(self, nodes: Iterable[Node], scope: _Scope, out: list[Any]) -> None:
        for node in nodes:
            self._statement(node, scope, out)

    def _statement(self, node: Node, scope: _Scope, out: list[Any]) -> None:  # noqa: C901 - one case per statement
        match node.kind:
            case "assignment_expression":
                self._assign(node, scope)
            case "function_statement":
                self.functions[node.named("function_name")[0].text.casefold()] = _function(node)
            case "if_statement":
                self._if(node, scope, out)
            case "foreach_statement":
                name, over, body = _foreach(node)
                for item in as_items(self._value(over, scope)):
                    scope.variables[name] = item
                    self._statement(body, scope, out)
            case "switch_statement":
                self._switch(node, scope, out)
            case "try_statement":
                self._try(node, scope, out)
            case "flow_control_statement":
                self._flow(node, scope, out)
            case "statement_block" | "statement_list":
                self._statements((kid for kid in node.kids if kid.kind not in {"{", "}", ";"}), scope, out)
            case "empty_statement" | ";":
                pass
            case _:
                out.extend(as_items(self._value(node, scope)))

    def _assign(self, node: Node, scope: _Scope) -> None:
        target, operator, source = node.kids
        value = self._value(source, scope)
        if operator.text == "+=":
            value = _added(self._value(target, scope), value)
        if target.text == "$null":  # thrown away
            return
        if target.kind == "variable":
            scope.variables[_name(target)] = value
        elif target.kind == "element_access":
            self._value(target.kids[0], scope)[self._value(target.kids[2], scope)] = None if value is NOTHING else value
        else:
            raise Unspoken(node.text)

    def _if(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        if truth_of(self._value(node.kids[2], scope)):
            self._statement(node.named("statement_block")[0], scope, out)
            return
        for clause in node.named("else_clause"):
            self._statement(clause.named("statement_block")[0], scope, out)

    def _switch(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        if [kid.text for kid in node.kids if kid.text.startswith("-")] != ["-CaseSensitive"]:
            raise Unspoken("a switch that ignores case")
        value = text_of(self._value(node.named("switch_condition")[0].kids[1], scope))
        body = node.named("switch_body")[0]
        clauses = [
            (kid.kids[0], kid.kids[1])
            for part in body.kids
            for kid in (part, *part.kids)
            if kid.kind == "switch_clause"
        ]
        chosen = [block for test, block in clauses if test.text != "default" and self._value(test, scope) == value]
        for block in chosen or [block for test, block in clauses if test.text == "default"]:
            self._statement(block, scope, out)

    def _try(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        try:
            self._statement(node.named("statement_block")[0], scope, out)
        except Failure as failure:
            caught = node.named("catch_clause")
            if not caught:
                raise
            scope.variables["_"] = failure.record()
            self._statement(caught[0].named("statement_block")[0], scope, out)
        finally:
            for clause in node.named("finally_clause"):
                self._statement(clause.named("statement_block")[0], scope, out)

    def _flow(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        value = self._value(node.kids[1], scope) if len(node.kids) > 1 else NOTHING
        match node.kids[0].text:
            case "return":
                out.extend(as_items(value))
                raise _Return
            case "throw":
                raise Failure(text_of(value), text_of(value))
            case "exit":
                raise Exit(value)
        raise Unspoken(node.text)

    # ── expressions ──

    def _value(self, node: Node, scope: _Scope) -> Any:  # noqa: C901, PLR0912 - one case per expression
        match node.kind:
            case "variable":
                return scope.read(_name(node))
            case "verbatim_string_characters":
                return node.text[1:-1].replace("''", "'")
            case "real_literal":
                return float(node.text)
            case "decimal_integer_literal":
                return int(node.text)
            case "parenthesized_expression":
                return _one(self._gathered(node, scope))
            case "array_expression":
                return self._gathered(node, scope)
            case "array_literal_expression":
                return [self._value(kid, scope) for kid in node.kids if kid.kind != ","]
            case "hash_literal_expression":
                return self._hash(node, scope)
            case "cast_expression":
                return _cast(node.kids[0].text, self._value(node.kids[1], scope))
            case "member_access":
                return self._member(node, scope)
            case "element_access":
                return _element(self._value(node.kids[0], scope), self._value(node.kids[2], scope))
            case "invokation_expression":
                return self._invoke(node, scope)
            case "comparison_expression" | "logical_expression" | "additive_expression":
                return self._operate(node, scope)
            case "expression_with_unary_operator" if node.kids[0].text.casefold() == "-not":
                return not truth_of(self._value(node.kids[1], scope))
            case "type_literal":
                return node.text
            case "command":
                return _one(self._command(node, scope))
        raise Unspoken(f"{node.kind}: {node.text[:80]}")

    def _gathered(self, node: Node, scope: _Scope) -> list[Any]:
        out: list[Any] = []
        self._statements((kid for kid in node.kids if kid.kind not in {"@(", "(", ")", ";"}), scope, out)
        return out

    def _hash(self, node: Node, scope: _Scope) -> Hashtable:
        made = Hashtable()
        for part in node.kids:
            for entry in (part, *part.kids):
                if entry.kind == "hash_entry":
                    key, _, value = entry.kids[:3]
                    found = self._value(value, scope)
                    made[key.text] = None if found is NOTHING else found
        return made

    def _operate(self, node: Node, scope: _Scope) -> Any:
        left, operator, right = node.kids
        word = operator.text.casefold()
        if word in {"-and", "-or"}:
            first = truth_of(self._value(left, scope))
            return first if first == (word == "-or") else truth_of(self._value(right, scope))
        one = self._value(left, scope)
        if word == "-is":
            return type(one).__name__ == right.text.strip("[]").casefold()
        return _compared(one, word, self._value(right, scope))

    def _member(self, node: Node, scope: _Scope) -> Any:
        on, _, name = node.kids
        if on.kind == "type_literal":
            if (on.text, name.text) == ("[Text.Encoding]", "UTF8"):
                return PsObject({}, "UTF8")
            return f"{on.text}::{name.text}"
        return _property(self._value(on, scope), name.text)

    def _invoke(self, node: Node, scope: _Scope) -> Any:
        on, _, name, given = node.kids
        arguments = []
        for kid in given.kids:
            if kid.kind == "argument_expression_list":
                arguments = [self._value(one, scope) for one in kid.kids if one.kind != ","]
            elif kid.kind not in {"(", ")"}:
                arguments = [self._value(kid, scope)]
        if on.kind == "type_literal":
            type_name = on.text.strip("[]").casefold()
            if (type_name, name.text) == ("scriptblock", "Create"):
                return parsed(text_of(arguments[0]))
            return STATIC[type_name, name.text.casefold()](*arguments)
        target = self._value(on, scope)
        if target == "[Console]::Out":
            if name.text != "Flush":
                self.write(text_of(arguments[0]) + ("\r\n" if name.text == "WriteLine" else ""))
            return NOTHING
        return method(target, name.text, arguments)

    # ── commands ──

    def _command(self, node: Node, scope: _Scope) -> list[Any]:
        head, *rest = node.kids
        if head.text == "&":
            program = self._value(rest[0].kids[0] if rest[0].kind == "command_name_expr" else rest[0], scope)
            positional, _ = self._arguments(rest[1:], scope)
            return self._script(program, scope, positional)
        positional, named = self._arguments(rest, scope)
        function = self.functions.get(head.text.casefold())
        if function:
            return self._call(function, scope, positional, named)
        own = {name: value for name, value in named.items() if name.casefold() not in _COMMON}
        said = len(self.commands.warnings)
        found = list(_builtin(head.text, own) or self.commands.run(head.text, positional, own))
        for name, value in named.items():
            if name.casefold() == "warningvariable":
                scope.variables[text_of(value).casefold()] = list(self.commands.warnings[said:])
        return [item for one in found for item in as_items(one)]

    def _arguments(self, nodes: list[Node], scope: _Scope) -> tuple[list[Any], dict[str, Any]]:
        positional: list[Any] = []
        named: dict[str, Any] = {}
        waiting = ""
        for node in _flat(nodes):
            if node.kind == "command_parameter":
                if waiting:
                    named[waiting] = True
                waiting = node.text.removeprefix("-")
                continue
            if node.kind == "variable" and node.text.startswith("@"):
                named |= dict(scope.read(node.text[1:].casefold()).items())
                continue
            value = node.text if node.kind == "generic_token" else self._value(node, scope)
            value = None if value is NOTHING else value
            if waiting:
                named[waiting], waiting = value, ""
            else:
                positional.append(value)
        if waiting:
            named[waiting] = True
        return positional, named

    def _call(self, function: _Function, scope: _Scope, positional: list[Any], named: Mapping[str, Any]) -> list[Any]:
        inner = _Scope(scope, {name: _default(kind) for kind, name in function.parameters})
        kinds = {name: kind for kind, name in function.parameters}
        order = [name for _, name in function.parameters]
        given = {name.casefold(): value for name, value in named.items()} | dict(zip(order, positional, strict=False))
        if len(positional) > len(order) or not set(given) <= set(order):
            raise Failure(f"A parameter cannot be found that matches {sorted(given)}.", "NamedParameterNotFound")
        inner.variables |= {name: _cast(kinds[name], value) for name, value in given.items()}
        out: list[Any] = []
        with suppress(_Return):
            self._statements(function.body, inner, out)
        return out


def _flat(nodes: list[Node]) -> Iterable[Node]:
    for node in nodes:
        yield from _flat(node.kids) if node.kind == "command_elements" else (node,)


def _function(node: Node) -> _Function:
    block = next(iter(node.named("script_block")), node)
    parameters: list[tuple[str, str]] = []
    for listed in (found for part in block.named("param_block") for found in part.kids):
        each = listed.kids if listed.kind == "parameter_list" else [listed]
        for parameter in each:
            if parameter.kind == "variable":
                parameters.append(("", _name(parameter)))
            elif parameter.kind == "script_parameter":
                kind = "".join(kid.text for kid in parameter.kids if kid.kind != "variable")
                parameters.append((kind, _name(parameter.named("variable")[0])))
    return _Function(
        parameters,
        [kid for kid in block.kids if kid.kind not in {"param_block", "function", "function_name", "{", "}"}],
    )


def _foreach(node: Node) -> tuple[str, Node, Node]:
    _, _, name, _, over, _, body = node.kids
    return _name(name), over, body


def _name(node: Node) -> str:
    return node.text.removeprefix("$").casefold()


def _default(kind: str) -> Any:
    return "" if kind == "[string]" else None


def _one(items: list[Any]) -> Any:
    return NOTHING if not items else items[0] if len(items) == 1 else items


def _cast(kind: str, value: Any) -> Any:
    match kind.casefold():
        case "":
            return value
        case "[string]":
            return text_of(value)
        case "[string[]]":
            return [text_of(item) for item in as_items(value)] if value is not None else None
        case "[hashtable]" if isinstance(value, Hashtable):
            return value
    raise Failure(f"Cannot convert {text_of(value)!r} to {kind}.", "ConvertToFinalInvalidCastException")


def _added(left: Any, right: Any) -> Any:
    match left, right:
        case Hashtable(), Hashtable():
            both = Hashtable(dict(left.items()))
            for key, value in right.items():
                if both.get(key) is not None:
                    raise Failure(f"Item has already been added. Key in dictionary: '{key}'")
                both[key] = value
            return both
        case list(), _:
            return [*left, *as_items(right)]
        case int(), int():
            return left + right
    raise Unspoken(f"{left!r} + {right!r}")


def _compared(left: Any, word: str, right: Any) -> Any:
    if word == "+":
        return _added(left, right)
    left, right = (None if side is NOTHING else side for side in (left, right))
    if word in {"-ccontains", "-cnotcontains"}:
        return (text_of(right) in map(text_of, as_items(left))) == (word == "-ccontains")
    if isinstance(left, list):
        raise Unspoken("a list on the left of a comparison filters")
    if isinstance(left, str) and right is not None:
        right = text_of(right)
    if not word.startswith("-c") and isinstance(left, str) and isinstance(right, str):
        left, right = left.casefold(), right.casefold()
    match word:
        case "-eq" | "-ceq":
            return left == right
        case "-ne" | "-cne":
            return left != right
        case "-gt":
            return left > right
    raise Unspoken(word)


def _property(on: Any, name: str) -> Any:
    if name.casefold() == "count" and isinstance(on, list | Hashtable):
        return len(on)
    if isinstance(on, PsObject):
        if name.casefold() == "psobject":
            return PsObject({"Properties": on})
        if on.has(name):
            return on.properties.get(name)
    raise Failure(f"The property '{name}' cannot be found on this object.", "PropertyNotFoundStrict")


def _element(on: Any, key: Any) -> Any:
    if isinstance(on, Hashtable):
        return on.get(text_of(key))
    if isinstance(on, PsObject):  # the properties of an object
        return PsObject({"Value": on.properties.get(text_of(key))}) if on.has(text_of(key)) else None
    if isinstance(on, list) and isinstance(key, int):
        if key < len(on):
            return on[key]
        raise Failure("Index was outside the bounds of the array.", "IndexOutOfRange")
    raise Unspoken(f"{on!r}[{key!r}]")


def _builtin(name: str, named: Mapping[str, Any]) -> list[Any]:
    match name.casefold():
        case "convertfrom-json":
            return [from_json(text_of(named["InputObject"]))]
        case "convertto-json":
            return [to_json(named["InputObject"], named["Depth"])]
        case _:
            return []
