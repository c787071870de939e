"""The clauses of the specification, read from its pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Clause", "Page", "pages"]

_CLAUSE = re.compile(r"^\*\*(CC-[A-Z]+-\d+)\.\*\*\s+(.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
_LISTED = re.compile(r"^\| \[(.+?)\]\((\w+)\.md\) \| (.+?) \|", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.:;])\s(?=[A-Z`\"(])")


@dataclass(frozen=True)
class Clause:
    """One rule.

    Parameters
    ----------
    id : str
        Such as ``"CC-MODE-3"``.
    text : str
        Its paragraph, in Markdown, on one line.
    """

    id: str
    text: str

    @property
    def first(self) -> str:
        """Its first sentence."""
        return _SENTENCE.split(self.text, maxsplit=1)[0]

    @property
    def rest(self) -> str:
        """What follows it; empty where nothing does."""
        return self.text.removeprefix(self.first).strip()


@dataclass(frozen=True)
class Page:
    """A page of the specification.

    Parameters
    ----------
    title : str
        As the index lists it.
    content : str
        What it is about, in a few words.
    clauses : tuple of Clause
        In their order on the page.
    """

    title: str
    content: str
    clauses: tuple[Clause, ...]


@cache
def pages() -> tuple[Page, ...]:
    """Give the pages that hold clauses, in the order of the index."""
    listed = _LISTED.findall(_text("index"))
    found = [Page(title, content, _clauses(_text(name))) for title, name, content in listed]
    return tuple(page for page in found if page.clauses)


def _text(name: str) -> str:
    """Give a page: from beside this module in a wheel, from the documentation in a checkout."""
    here = Path(__file__).parent
    folders = [here / "spec_pages", here.parents[1] / "docs" / "spec"]
    folder = next(folder for folder in folders if folder.is_dir())
    return (folder / f"{name}.md").read_text(encoding="utf-8")


def _clauses(text: str) -> tuple[Clause, ...]:
    return tuple(Clause(name, " ".join(body.split())) for name, body in _CLAUSE.findall(text))
