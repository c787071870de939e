"""The example of docs/writing-a-backend.md, which the session `example` installs and judges."""

import ast
import doctest
import re
import sys
from pathlib import Path

import pytest

import convcore
from convcore.plugins import clear_caches, registry

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "convcore-example"
PAGE = ROOT / "docs" / "writing-a-backend.md"
MODULES = sorted((EXAMPLE / "convcore_example").glob("*.py"))
SHOWN = [EXAMPLE / "pyproject.toml", *MODULES]
PUBLIC = {"convcore", "convcore.plugins", "convcore.algorithms"}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def named(path):
    return str(path.relative_to(EXAMPLE))


@pytest.fixture
def example(monkeypatch):
    """The example, as if it were installed."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    import convcore_example

    registry.register("example", convcore_example, "convcore-example")
    clear_caches()
    yield convcore.backends()["example"]
    registry.unregister("example")
    clear_caches()
    for name in [name for name in sys.modules if name.startswith(("convcore_example", "example_"))]:
        del sys.modules[name]


@pytest.mark.parametrize("path", SHOWN, ids=named)
def test_the_page_shows_the_file_as_it_is(path):
    assert path.read_text() in blocks("toml") + blocks("python")


def test_the_page_shows_nothing_else():
    shown = [block for block in blocks("toml") + blocks("python") if ">>>" not in block]
    assert sorted(shown) == sorted(path.read_text() for path in SHOWN)


def lines_of_code(path):
    """All but blank lines, comments and docstrings."""
    text = path.read_text()
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr)]
    texts = [node for node in nodes if isinstance(node.value, ast.Constant)]
    skipped = {i for node in texts for i in range(node.lineno, node.end_lineno + 1)}
    numbered = enumerate(text.splitlines(), 1)
    return sum(i not in skipped and not re.match(r"\s*(#|$)", line) for i, line in numbered)


def test_it_takes_under_100_lines():
    assert lines_of_code(MODULES[0]) == 6
    assert sum(map(lines_of_code, MODULES)) < 100


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_it_imports_what_is_public_alone(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("convcore."):
            assert node.module in PUBLIC
        if isinstance(node, ast.Import):
            assert not any(name.name.startswith("convcore") for name in node.names)


def test_the_examples_of_the_page_run(example):
    assert example.available, example.reason
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=flags)
    assert (failed, tried > 5) == (0, True)
