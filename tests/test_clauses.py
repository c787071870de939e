"""The specification and the suite cover each other: no clause without a case, none unknown."""

import subprocess
import sys

import pytest

from convcore_conformance.spec import pages

pytestmark = pytest.mark.numpy_backend

# Run by pytest where the suite is collected: prints what each test that judges a library cites.
PLUGIN = """
def pytest_collection_modifyitems(items):
    for item in items:
        cited = [name for mark in item.iter_markers("clauses") for name in mark.args]
        if cited or "library" in item.fixturenames:
            print("CITES", item.originalname, *cited)
"""


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Pairs of a test's name and the clauses it cites, of a process that sees no other tests."""
    folder = tmp_path_factory.mktemp("collected")
    (folder / "prints_clauses.py").write_text(PLUGIN)
    code = f"import sys, pytest; sys.path.insert(0, {str(folder)!r}); sys.exit(pytest.main())"
    # One backend is enough: each library has the same tests.
    options = "--collect-only -q -p prints_clauses --convcore-backend numpy --pyargs"
    done = subprocess.run(
        [sys.executable, "-c", code, *options.split(), "convcore_conformance"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    lines = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("CITES ")]
    assert len(lines) > 1000
    return [(name, cited) for name, *cited in lines]


def clauses():
    known = [clause.id for page in pages() for clause in page.clauses]
    assert len(known) > 300
    return known


def test_every_clause_has_a_case(collected):
    cited = {clause for _, cited in collected for clause in cited}
    missing = [name for name in clauses() if name not in cited]
    assert not missing, f"{len(missing)} clauses without a case: {', '.join(missing)}"


def test_every_case_cites_a_clause(collected):
    silent = sorted({name for name, cited in collected if not cited})
    assert not silent, f"these judge a library by no clause: {', '.join(silent)}"


def test_every_clause_that_is_cited_exists(collected):
    known = set(clauses())
    unknown = sorted({(clause, name) for name, cited in collected for clause in set(cited) - known})
    assert not unknown, f"cited, but on no page: {unknown}"
