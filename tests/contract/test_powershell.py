"""What runs our scripts in the tests, against what Microsoft says of Windows PowerShell 5.1 (about_* topics)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from servers.powershell import PowerShell
from servers.powershell_values import Failure


@dataclass(slots=True)
class Commands:
    """A command that outputs what it is told, and one that fails."""

    warnings: list[str] = field(default_factory=list)

    def run(self, name: str, positional: list[Any], named: Mapping[str, Any]) -> Iterable[Any]:
        if name == "Get-Nothing":
            return []
        if name == "Get-These":
            self.warnings.append("careful")
            return [*positional, *(f"{key}={value}" for key, value in named.items())]
        raise Failure("No such thing.", "[FailureCategory=Cmdlet-Gone] X", "ObjectNotFound")


def said(script: str, *lines: str) -> list[str]:
    """Return what a script writes, line by line."""
    out: list[str] = []
    PowerShell(list(lines), out.append, Commands()).run(script)
    return "".join(out).splitlines()


def write(*expressions: str) -> str:
    return "\n".join(f"[Console]::Out.WriteLine({one})" for one in expressions)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        # about_Arrays, about_Pipelines: output is taken apart, one item is no list, @() makes one
        (f"function F {{ @('one') }} $x = F; {write('$x')}", ["one"]),
        (f"function F {{ @('a', 'b') }} $x = @(F); {write('$x.Count')}", ["2"]),
        (f"$x = @(Get-Nothing); {write('$x.Count')}", ["0"]),
        (f"$x = @($null); {write('$x.Count')}", ["1"]),
        (f"function F {{ param($V)\n@($V).Count }}\n{write('(F -V (Get-Nothing))')}", ["1"]),
        # about_Foreach: nothing is walked over no times
        ("foreach ($x in @()) { [Console]::Out.WriteLine('never') }", []),
        # about_Comparison_Operators: case is ignored unless the operator says c
        (f"if ('A' -eq 'a') {{ {write(chr(39) + 'same' + chr(39))} }}", ["same"]),
        (f"if ('A' -ceq 'a') {{ {write(chr(39) + 'same' + chr(39))} }}", []),
        (f"if (@('a', 'b') -cnotcontains 'B') {{ {write(chr(39) + 'no' + chr(39))} }}", ["no"]),
        (f"if ($null -cne '') {{ {write(chr(39) + 'not the same' + chr(39))} }}", ["not the same"]),
        # about_Hash_Tables: keys ignore case; + joins two
        (f"$h = @{{ Name = 'x' }}; {write('$h[' + chr(39) + 'NAME' + chr(39) + ']')}", ["x"]),
        (f"$h = @{{ a = 1 }} + @{{ b = 2 }}; {write('$h.Count')}", ["2"]),
        # about_Splatting: a hashtable becomes parameters, what stands beside it too
        (f"$p = @{{ A = 1 }}; {write('(Get-These @p -B 2)')}", ["A=1 B=2"]),
        # about_CommonParameters: warnings go where they are told
        (f"$w = @(); $null = Get-These -WarningVariable 'w'; {write('$w')}", ["careful"]),
        # about_Scopes: functions see what their caller sees and change only their own
        (f"$x = 'mine'; function F {{ $x; $x = 'own' }} {write('(F)', '$x')}", ["mine", "mine"]),
        # about_Try_Catch_Finally
        (
            f"try {{ Get-Error }} catch {{ {write('$_.FullyQualifiedErrorId')} }} finally {{ {write('0')} }}",
            ["[FailureCategory=Cmdlet-Gone] X", "0"],
        ),
        # about_Switch
        (f"switch -CaseSensitive ('B') {{\n'b' {{ 1 }}\n'B' {{ {write('2')} }}\ndefault {{ {write('3')} }}\n}}", ["2"]),
        # about_Automatic_Variables: $input is standard input, line by line
        (write("[string]::Join('+', @($input))"), ["one+two"]),
        # about_Script_Blocks
        (f"& ([ScriptBlock]::Create('param($a) $b = $a; {write('$b')}')) 'x'", ["x"]),
    ],
)
def test_it_does_what_powershell_does(script: str, expected: list[str]) -> None:
    """Each line is a sentence of Microsoft's documentation."""
    assert said(script, "one", "two") == expected


@pytest.mark.parametrize(
    ("script", "identifier"),
    [
        ("$x = $nowhere", "VariableIsUndefined"),  # Set-StrictMode
        ("$x = @{ a = 1 }; $x.b.c", "PropertyNotFoundStrict"),
        ("function F { param($A) } F -B 1", "NamedParameterNotFound"),
        ("function F { param([hashtable] $A) } F -A 'x'", "ConvertToFinalInvalidCastException"),
        ("throw 'no'", "no"),
        ("if (", "ParseException"),
        ("$x = [Convert]::FromBase64String('*')", "FormatException"),
    ],
)
def test_it_fails_where_powershell_fails(script: str, identifier: str) -> None:
    """What nobody catches ends the script with the identifier of the error."""
    with pytest.raises(Failure) as raised:
        said(script)

    assert raised.value.identifier == identifier


def test_json_has_the_traps_of_5_1() -> None:
    """Dates in /Date()/ are turned into other values, and long texts are refused."""
    dated = '$o = ConvertFrom-Json -InputObject \'{"a":"/Date(0)/"}\'; ' + write("($o.a)")

    assert said(dated) == ["01/01/1970 00:00:00"]
    with pytest.raises(Failure, match="maxJsonLength"):
        said("$o = ConvertFrom-Json -InputObject ([string]::Join('', @($input)))", '"' + "x" * 2_097_152 + '"')


def test_exit_ends_the_process_with_its_code() -> None:
    """about_Language_Keywords: exit."""
    assert PowerShell([], print, Commands()).run("if ($true) { exit 2 } throw 'never'") == 2
