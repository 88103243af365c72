"""Mutation testing of what must not be wrong: python tests/mutants/run.py build/mutants.json [module …].

Tests are collected once, and run once as the module is, to see which of its lines each of them runs and how long it
takes. Each mutant is a fork of that process, with the changed code put into the functions that everybody has imported
already, and runs the tests that come by, the quickest first; what runs while a module is imported is changed in a
process of its own. A mutant that no test notices must stand in `equivalent.yaml`, with the reason why nobody could.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent)]

import pytest  # noqa: E402 - after the path
from mutants.mistakes import Mutant, mutants  # noqa: E402 - same
from ruamel.yaml import YAML  # noqa: E402 - same

TESTS = {
    "brakes": ("tests/unit/core/test_brakes.py", "tests/unit/core", "tests/golden"),
    "periods": (
        "tests/unit/core/test_periods.py", "tests/unit/core", "tests/properties/test_time.py", "tests/golden",
        "tests/unit/report", "tests/unit/mapping",
    ),
    "lifecycle": ("tests/unit/core/test_lifecycle.py", "tests/golden", "tests/unit/core"),
    "admit": ("tests/unit/core/test_admit.py", "tests/unit/core", "tests/golden"),
    "guard": ("tests/unit/core/test_guard.py", "tests/unit/core", "tests/golden"),
    "terms": ("tests/unit/core/test_terms.py", "tests/unit/core", "tests/golden"),
}  # fmt: skip
"""Which tests know each module, the nearest first."""
_LONGEST = 120
"""How many seconds a test may take before it counts as one that never ends."""
_WATCHED = 10
"""How many times as long it may take while it is watched."""
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
        passing_by = self._watched(session, str(module.__file__))
        for mutant in mutants(_source(self.module)):
            self.tried += 1
            items = [session.items[number] for number, lines in passing_by if not lines.isdisjoint(mutant.lines)]
            noticed = self._outside() if mutant.outside else _fork(lambda: _try(session, items, module, mutant))  # noqa: B023 - called at once
            if not noticed:
                self.survivors.append(mutant)
            print("." if noticed else f"\n{mutant.name}\n", end="", flush=True)  # noqa: T201 - a long run shows that it lives
        return True

    def _watched(self, session: pytest.Session, file: str) -> list[tuple[int, set[int]]]:
        """Run every test once; return their numbers, the quickest first, and the lines of the module that each ran."""
        with tempfile.NamedTemporaryFile("r", suffix=".json") as seen:
            if _fork(lambda: _watch(session, file, Path(seen.name))):
                message = "the tests fail as it is"
                raise pytest.UsageError(message)
            tests = json.load(seen)
        return [(number, set(lines)) for number, (_, lines) in sorted(enumerate(tests), key=lambda test: test[1][0])]

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


def _fork(work: Callable[[], None]) -> bool:
    """Do something in a fork; return whether it ended otherwise than well."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - noticed
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] != 0


def _try(session: pytest.Session, items: list[pytest.Item], module: ModuleType, mutant: Mutant) -> None:
    """Run some tests in this fork until one notices."""
    _be_quiet(session)
    put(module, mutant)
    for number, item in enumerate(items):
        _run(session, item, items[number + 1] if number + 1 < len(items) else None)


def _watch(session: pytest.Session, file: str, path: Path) -> None:
    """Run every test in this fork; write down how long each took and which lines of a file it ran."""
    _be_quiet(session)
    seen: set[int] = set()

    def line(frame: FrameType, _event: str, _argument: object) -> Any:
        seen.add(frame.f_lineno)
        return line

    def call(frame: FrameType, event: str, argument: object) -> Any:
        return line(frame, event, argument) if frame.f_code.co_filename == file else None

    tests = []
    for number, item in enumerate(session.items):
        seen.clear()
        began = perf_counter()
        sys.settrace(call)
        try:
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            _run(session, item, following, _WATCHED * _LONGEST)
        finally:
            sys.settrace(None)
        tests.append((perf_counter() - began, sorted(seen)))
    path.write_text(json.dumps(tests), encoding="utf-8")


def _be_quiet(session: pytest.Session) -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    session.config.pluginmanager.unregister(name="terminalreporter")


def _run(session: pytest.Session, item: pytest.Item, following: pytest.Item | None, longest: int = _LONGEST) -> None:
    """Run one test; end this process if it fails or does not end."""
    signal.alarm(longest)
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    if session.testsfailed:
        os._exit(1)


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
