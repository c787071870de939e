import collections
import itertools
import re
from pathlib import Path

import pytest

import convcore_conformance

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "spec").glob("*.md"))
CASES = sorted(Path(convcore_conformance.__file__).parent.rglob("*.py"))
SOURCES = [p for top in ("convcore", "backends") for p in sorted((ROOT / top).rglob("*.py"))]
CLAUSE = re.compile(r"^\*\*(CC-[A-Z]+)-(\d+)\.\*\*", re.MULTILINE)
CITED = re.compile(r"CC-[A-Z]+(?:-\d+)?")

DEFINED = collections.Counter(
    (prefix, int(number)) for page in PAGES for prefix, number in CLAUSE.findall(page.read_text())
)
IDS = {f"{prefix}-{number}" for prefix, number in DEFINED}
PREFIXES = {prefix for prefix, _ in DEFINED}


def test_there_are_clauses():
    assert len(PAGES) > 10
    assert len(IDS) > 250


def test_ids_are_unique():
    assert [key for key, count in DEFINED.items() if count > 1] == []


@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_ids_are_numbered_without_holes(prefix):
    numbers = [number for own, number in DEFINED if own == prefix]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_a_prefix_lives_on_one_page(prefix):
    homes = [page.name for page in PAGES if f"**{prefix}-1.**" in page.read_text()]
    assert len(homes) == 1
    for page in PAGES:
        if page.name != homes[0]:
            assert f"**{prefix}-" not in page.read_text()


@pytest.mark.parametrize(
    "path", [*PAGES, *CASES, *SOURCES], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_citation_resolves(path):
    cited = set(CITED.findall(path.read_text()))
    assert cited <= IDS | PREFIXES, cited - IDS - PREFIXES


def test_index_lists_every_page_and_prefix():
    index = (ROOT / "docs" / "spec" / "index.md").read_text()
    listed = set(re.findall(r"^\| \[.*?\]\((\w+)\.md\)", index, re.MULTILINE))
    assert listed == {page.stem for page in PAGES} - {"index"}
    rows = [line for line in index.splitlines() if re.match(r"\| \[.*?\]\(\w+\.md\)", line)]
    prefixes = list(itertools.chain(*(CITED.findall(row.rpartition(" | ")[2]) for row in rows)))
    assert sorted(prefixes) == sorted(PREFIXES)


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([\w./]+\.md)\)", page.read_text()):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
