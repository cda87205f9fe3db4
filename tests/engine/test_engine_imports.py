"""Imports: nothing large before it is needed, and no package imports what it must not."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.lazy import LazyModule

HEAVY = ("tensorflow", "keras", "tensorboard", "textual", "rich", "plotext", "PIL")


def loaded_after(code: str) -> set[str]:
    """The large packages that a new interpreter has imported after it has run `code`."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True)
    return set(done.stdout.split()) & set(HEAVY)


@pytest.mark.parametrize(
    "code",
    [
        "import engine",
        "import engine.lessons; engine.lessons.course()",
        "import engine; [each.settings().texts() for each in engine.course()]",
        "from engine import lessons, settings; settings.command_line('x', lessons.lesson('losses').settings())",
        "import engine.run.runner, engine.descent.surfaces; engine.descent.surfaces.surface('ackley').drawn()",
        "from engine.descent import stability, surfaces; stability.stability(surfaces.bowl(), (1, 1), 0.1)",
        "import engine.descent.basins",
    ],
)  # fmt: skip
def test_lessons_can_be_listed_and_set_before_tensorflow_loads(code: str) -> None:
    assert loaded_after(code) == set()


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that nothing has imported yet."""
    monkeypatch.delitem(sys.modules, "wsgiref.util", raising=False)
    return "wsgiref.util"


def test_a_lazy_module_is_imported_when_something_of_it_is_asked_for(unloaded: str) -> None:
    module = LazyModule(unloaded)
    assert unloaded not in sys.modules
    assert module.guess_scheme({}) == "http"
    assert unloaded in sys.modules
    with pytest.raises(AttributeError):
        module.nothing


def test_a_lazy_module_is_looked_up_once_and_again_where_that_failed(unloaded: str) -> None:
    looked_up: list[str] = []
    finder = SimpleNamespace(find_spec=lambda name, *_: looked_up.append(name) if name == "no_such_module" else None)
    missing, there = LazyModule("no_such_module"), LazyModule(unloaded)
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    try:
        tries = []
        for _ in range(2):
            with pytest.raises(ModuleNotFoundError):
                missing.anything
            tries.append(len(looked_up))
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
    assert 0 < tries[0] < tries[1]
    before = there.guess_scheme
    del sys.modules[unloaded]
    assert there.guess_scheme is before and unloaded not in sys.modules


@pytest.mark.parametrize("collecting", [True, False])
def test_the_collector_rests_during_a_large_import_and_is_then_as_it_was(unloaded: str, collecting: bool) -> None:
    seen: list[bool] = []
    finder = SimpleNamespace(find_spec=lambda name, *_: seen.append(gc.isenabled()) if name == unloaded else None)
    before = gc.isenabled()
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    try:
        (gc.enable if collecting else gc.disable)()
        LazyModule(unloaded).guess_scheme({})
        assert seen and not any(seen) and gc.isenabled() is collecting
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
        (gc.enable if before else gc.disable)()


def test_a_module_that_cannot_be_imported_leaves_the_collector_as_it_was() -> None:
    with pytest.raises(ModuleNotFoundError):
        LazyModule("no_such_module_anywhere").anything
    assert gc.isenabled()


def test_the_public_names_of_the_engine_are_there() -> None:
    import engine
    import engine.lesson
    import engine.lessons

    for name in engine.__all__:
        assert callable(getattr(engine, name)), f"{name} is hidden by a module"
    assert engine.course() == engine.lessons.course()
    with pytest.raises(AttributeError, match="no attribute 'corse'"):
        engine.corse


def test_no_part_imports_what_its_contract_forbids() -> None:
    # In its own process: the linter keeps a reference to the output that the tests capture.
    settings = Path(__file__).parents[2] / "pyproject.toml"
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    command = [sys.executable, "-c", code, "--config", str(settings), "--no-cache"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=settings.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout and " 0 kept" not in done.stdout
