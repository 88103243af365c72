"""Mutation testing of what must not be wrong: python tests/mutants/run.py build/mutants.json [module …].

Tests are collected once. Each mutant is a fork of that process, with the changed code put into the functions that
everybody has imported already; what runs while a module is imported is changed in a process of its own. A mutant that
no test notices must stand in `equivalent.yaml`, with the reason why nobody could.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent)]

import pytest  # noqa: E402 - after the path
from mutants.mistakes import Mutant, mutants  # noqa: E402 - same
from ruamel.yaml import YAML  # noqa: E402 - same

TESTS = {
    "brakes": ("tests/unit/core/test_brakes.py", "tests/properties/test_brakes.py", "tests/unit/core", "tests/golden"),
    "periods": (
        "tests/unit/core/test_periods.py", "tests/unit/core", "tests/properties/test_time.py", "tests/golden",
        "tests/unit/report", "tests/unit/mapping",
    ),
    "lifecycle": ("tests/unit/core/test_lifecycle.py", "tests/golden", "tests/unit/core"),
    "admit": (
        "tests/unit/core/test_admit.py", "tests/unit/core", "tests/golden", "tests/properties/test_cut_sources.py",
    ),
}  # fmt: skip
"""Which tests know each module, the nearest first."""
_LONGEST = 120
"""How many seconds a test may take before it counts as one that never ends."""
_ONE = "SYNCAGENT_MUTANT"


def _source(module: str) -> str:
    return (ROOT / f"syncagent/core/{module}.py").read_text(encoding="utf-8")


# ── one mutant in this process ───────────────────────────────────────────────


def _functions(names: dict[str, Any], prefix: str, module: str) -> Iterator[tuple[str, FunctionType]]:
    """Yield the functions of a module or class by their names, those behind properties and wrappers too."""
    for name, found in names.items():
        for part, one in (("", found), *((p, getattr(found, p, None)) for p in ("fget", "__func__", "__wrapped__"))):
            if isinstance(one, FunctionType) and one.__module__ == module:
                yield f"{prefix}{name}{part}", one
        if isinstance(found, type) and found.__module__ == module and not prefix:
            yield from _functions(dict(vars(found)), f"{name}.", module)


def put(module: ModuleType, mutant: Mutant) -> None:
    """Put the changed code into the functions of a module that is imported already."""
    names: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__, "__builtins__": __builtins__}
    exec(compile(mutant.tree, str(module.__file__), "exec"), names)  # noqa: S102 - our own source, changed
    new = dict(_functions(names, "", module.__name__))
    for name, function in _functions(vars(module), "", module.__name__):
        if name in new:
            function.__code__ = new[name].__code__


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives a changed module to whoever imports it."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name, self.code = name, code

    def find_spec(self, fullname: str, *_: object) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))  # noqa: S102 - our own source, changed


# ── many of them ─────────────────────────────────────────────────────────────


class Driver:
    """A plugin of pytest that runs the collected tests once for each mutant instead of once."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.survivors: list[Mutant] = []
        self.tried = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Look for no smaller example: that there is one is enough."""
        from hypothesis import Phase, settings  # noqa: PLC0415 - pytest wants to be the first to import it

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", settings.get_profile("test"), phases=phases, database=None)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant, once the tests have passed without one."""
        module = sys.modules[f"syncagent.core.{self.module}"]
        if self._inside(session, module, None):
            message = "the tests fail as it is"
            raise pytest.UsageError(message)
        for mutant in mutants(_source(self.module)):
            self.tried += 1
            noticed = self._outside() if mutant.outside else self._inside(session, module, mutant)
            if not noticed:
                self.survivors.append(mutant)
            print(f"{'.' if noticed else 'S'}", end="", flush=True)  # noqa: T201 - a long run shows that it lives
        return True

    def _inside(self, session: pytest.Session, module: ModuleType, mutant: Mutant | None) -> bool:
        pid = os.fork()
        if pid == 0:
            _try(session, module, mutant)
        return os.waitpid(pid, 0)[1] != 0

    def _outside(self) -> bool:
        """Ask the nearest tests first: to collect all of them takes longer than to run these."""
        environment = {**os.environ, _ONE: str(self.tried)}
        nearest, *others = TESTS[self.module]
        for tests in ([nearest], others):
            command = [sys.executable, __file__, "", self.module, *tests]
            if subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode:
                return True
        return False


class _Limit:
    """A plugin of pytest that ends the process when a test does not end."""

    def pytest_runtest_logstart(self) -> None:
        signal.alarm(_LONGEST)


def _try(session: pytest.Session, module: ModuleType, mutant: Mutant | None) -> None:
    """Run the tests in this fork until one notices."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        session.config.pluginmanager.unregister(name="terminalreporter")
        if mutant:
            put(module, mutant)
        for number, item in enumerate(session.items):
            signal.alarm(_LONGEST)
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                os._exit(1)
    except BaseException:  # noqa: BLE001 - noticed
        os._exit(1)
    os._exit(0)


def _options(tests: Sequence[str]) -> list[str]:
    options = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not long and not server"]
    return [*options, *(str(ROOT / test) for test in tests)]


def _equivalent() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = YAML(typ="safe").load(HERE / "equivalent.yaml") or {}
    return found


def main(path: Path, modules: Sequence[str]) -> int:
    """Try every mutant of these modules; return how many nobody noticed or explained."""
    rows, left = [], 0
    for module in modules:
        driver = Driver(module)
        code = pytest.main(_options(TESTS[module]), plugins=[driver])
        known = _equivalent().get(module, {})
        names = {mutant.name for mutant in driver.survivors}
        unexplained = sorted(names - known.keys())
        stale = sorted(known.keys() - names)
        explained = len(names) - len(unexplained)
        killed = driver.tried - len(driver.survivors)
        print(f"\n{module}: {driver.tried} mutants, {killed} noticed, {explained} equivalent")  # noqa: T201 - the report
        print(*(f"  nobody noticed: {name}" for name in unexplained), sep="\n")  # noqa: T201 - same
        print(*(f"  listed, but noticed or gone: {name}" for name in stale), sep="\n")  # noqa: T201 - same
        left += len(unexplained) + len(stale) + (code != 0)
        score = 100 * (killed + explained) / max(1, driver.tried)
        rows.append(
            {"name": f"mutants of core/{module}.py noticed or equivalent", "value": round(score, 2), "unit": "%",
             "bar": 100, "holds": score == 100 and driver.tried > 0, "tried": driver.tried, "equivalent": explained}
        )  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        others = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        others = [one for one in others if one["name"] not in {row["name"] for row in rows}]
        path.write_text(json.dumps([*others, *rows], indent=1) + "\n", encoding="utf-8")
    return left


def one(module: str, number: int, tests: Sequence[str]) -> int:
    """Run some tests with a mutant that is there from the first import on; return whether one noticed."""
    mutant = list(mutants(_source(module)))[number - 1]
    name = f"syncagent.core.{module}"
    signal.alarm(5 * _LONGEST)
    try:
        sys.meta_path.insert(0, _Changed(name, compile(mutant.tree, str(ROOT / f"syncagent/core/{module}.py"), "exec")))
        return int(pytest.main(_options(tests), plugins=[_Limit()]))
    except BaseException:  # noqa: BLE001 - noticed
        return 1


if __name__ == "__main__":
    if number := os.environ.get(_ONE):
        sys.exit(one(sys.argv[2], int(number), sys.argv[3:]))
    sys.exit(min(1, main(Path(sys.argv[1]), sys.argv[2:] or list(TESTS))))
