"""The report of the conformance suite: what a run records, and the page that is made of it."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from convcore_conformance import report, spec
from convcore_conformance._html import prose, tag
from convcore_conformance._summary import summary

CALL = "convcore.conv(np.array([[1 < 2 & 3]]), w)"
VOID = {"meta", "wbr", "input", "path", "circle"}


def entry(name, subject, outcome="passed", **more):
    own = {"name": subject, "backend": subject, "device": ""} if subject else {}
    return {
        "test": f"test_values.py::test_case[{subject}-{name}]",
        "clauses": ["CC-CONV-1"],
        "subject": own,
        "outcome": outcome,
        "seconds": 0.1,
        "text": "",
        **more,
    }


def record(*tests, machine="a machine", **more):
    can = {"dtypes": ["int8"], "methods": ["fft"], "transforms": [], "native_ranks": [2, 1]}
    gap = {"kind": "never", "what": "CC-CONV-1", "reason": "it <cannot>"}
    said = {"version": "1.5", "devices": ["cpu"], "gaps": [gap], "reason": "", **can}
    run = {
        "convcore": "0.1",
        "python": "3.14",
        "machine": machine,
        "command": "--convcore-backend one",
        "started": "2026-01-02 03:04 UTC",
        "seconds": 61.2,
        "backends": {"one": said, "two": said},
        **more,
    }
    return {"run": run, "tests": list(tests)}


FAILED = entry("b", "one", "failed", text=f"is <b>4</b>\n{CALL}", notes=[CALL])
ONE = record(entry("a", "one", worst=0.25), FAILED, entry("c", "one", "gap", text="it <cannot>"))
TWO = record(entry("a", "two", worst=0.5), entry("b", "two", "skipped", text="no int8"))


class Reader(HTMLParser):
    """Fails where a tag is not closed in its turn; keeps the text and where it points."""

    def __init__(self, html):
        super().__init__()
        self.open, self.texts, self.ids, self.links = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, name, attrs):
        said = dict(attrs)
        self.ids += [said["id"]] if "id" in said else []
        self.links += [said[key] for key in ("href", "src") if key in said]
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        if name not in VOID:
            assert self.open.pop() == name

    def handle_data(self, data):
        self.texts.append(data)


def test_page_is_well_formed_and_needs_nothing_beside_it():
    html = report.page([ONE, TWO])
    page = Reader(html)
    assert len(page.ids) == len(set(page.ids))
    assert all(link.removeprefix("#") in page.ids and link[0] == "#" for link in page.links)
    assert not re.search(r"https?://|@import|url\(", html)


def test_page_escapes_what_tests_say():
    html = report.page([ONE])
    assert CALL in Reader(html).texts
    assert "<b>4</b>" not in html
    assert "it &lt;cannot&gt;" in html


def test_page_holds_every_clause_with_its_text():
    page = Reader(report.page([ONE]))
    clauses = [clause for page in spec.pages() for clause in page.clauses]
    assert [name for name in page.ids if name.startswith("CC-")] == [c.id for c in clauses]
    assert len(clauses) > 300
    assert all(clause.first for clause in clauses)
    assert any("must not be flipped" in text for text in page.texts)


def test_page_of_several_runs_holds_every_subject():
    html = report.page([ONE, TWO])
    head = re.search(r'<div class="head">.*?</div>', html).group()
    assert re.findall(r"<b>(\w+)<wbr></b>", head) == ["one", "two"]
    row = re.search(r'<details id="CC-CONV-1".*?</summary>', html).group()
    assert re.search(r'class="failed m" .*>✕1<small>of 3</small>.*>1<small>\.50</small>', row)


def test_failure_says_the_call_once_and_how_to_run_it_again():
    texts = Reader(report.page([ONE])).texts
    assert texts.count(CALL) == 1
    again = "'convcore_conformance.test_values::test_case[one-b]' --convcore-backend one"
    assert f"pytest --pyargs {again}" in texts


def test_clause_of_another_version_is_shown_all_the_same():
    assert "CC-OLD-1" in Reader(report.page([record(entry("a", "one", clauses=["CC-OLD-1"]))])).ids


def test_run_in_which_all_passed_is_called_so():
    assert "All that ran passed" in report.page([record(entry("a", "one"), exit=0, errors=[])])


@pytest.mark.parametrize(
    "more", [{"exit": 2}, {"errors": [{"where": "test_values.py", "text": "SyntaxError"}]}]
)
def test_run_that_was_broken_off_is_not_called_passed(more):
    html = report.page([record(entry("a", "one"), **more)])
    assert "A run was broken off" in html
    assert "All that ran passed" not in html
    assert ("SyntaxError" in html) == ("errors" in more)


def test_same_library_on_two_machines_is_two_subjects():
    found = summary([ONE, record(entry("a", "one"), machine="another")])
    assert [subject.label for subject in found.tests] == ["one #1", "one #2"]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_runs_of_one_test_the_worse_counts(order):
    records = [record(entry("b", "one")), record(FAILED)][::order]
    ((subject, (test,)),) = summary(records).tests.items()
    assert (subject.label, test.outcome) == ("one", "failed")


def test_core_comes_first():
    found = summary([record(entry("a", "one"), entry("b", ""))])
    assert [subject.label for subject in found.tests] == ["core", "one"]


def test_subject_is_taken_from_the_name_of_a_test():
    (tests,) = summary([ONE]).tests.values()
    assert [test.name for test in tests] == [
        "values: case[a]",
        "values: case[b]",
        "values: case[c]",
    ]


def test_worst_of_a_clause():
    (cell,) = summary([ONE]).cells("CC-CONV-1").values()
    assert (cell.outcome, cell.worst.worst) == ("failed", 0.25)
    assert cell.counts == {"failed": 1, "gap": 1, "passed": 1, "skipped": 0}


@pytest.mark.parametrize("merged", ["merged.json", "merged.html"])
def test_records_are_merged_by_the_command(tmp_path, merged):
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, found in zip(paths, (ONE, TWO), strict=True):
        report.write([found], path)
    out = tmp_path / "folder" / merged
    assert report.main([*map(str, paths), "--out", str(out)]) == 0
    if out.suffix == ".json":
        assert report.read(out) == [ONE, TWO]
    else:
        assert out.read_text(encoding="utf-8") == report.page([ONE, TWO])


@pytest.mark.parametrize(
    ("text", "said"), [("{", "a.json is no JSON"), ("[1]", "a.json holds no record of a run")]
)
def test_what_holds_no_record_is_named(tmp_path, capsys, text, said):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(SystemExit):
        report.main([str(path), "--out", str(tmp_path / "out.html")])
    assert said in capsys.readouterr().err


def test_report_of_another_kind_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        report.main([str(tmp_path / "a.json"), "--out", "out.pdf"])
    assert "out.pdf: allowed is a name in .html or .json" in capsys.readouterr().err


def test_text_is_escaped_and_html_is_not():
    assert tag("p", "a < b", tag("b", "&"), class_="x", data_o='"') == (
        '<p class="x" data-o="&quot;">a &lt; b<b>&amp;</b></p>'
    )
    assert prose("`a*b*c` is *not* [this](x.md)") == ("<code>a*b*c</code> is <em>not</em> this")


SUITE = """
import pytest
from convcore_conformance.marks import shows

class Library:
    name, backend, device = "one", "one", ""

@shows("CC-CONV-1")
@pytest.mark.parametrize("library", [pytest.param(Library, id="one")])
@pytest.mark.parametrize("kind", ["good", "bad", "gap", "skip"])
def test_case(library, kind, record_property):
    if kind == "gap":
        pytest.xfail("it cannot")
    if kind == "skip":
        pytest.skip("no int8")
    record_property("worst", 0.5)
    if kind == "bad":
        error = AssertionError("4 is not 5")
        error.add_note("convcore.conv(x, w)")
        raise error

def test_without_a_clause():
    pass

def test_without_a_clause_that_fails():
    assert 4 == 5
"""


def python(*arguments, cwd):
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    return done.stdout + done.stderr


def pytest_on(tmp_path, *arguments):
    (tmp_path / "test_some.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    plain = ("-p", "no:cacheprovider", "test_some.py")
    return python("-m", "pytest", *plain, *arguments, cwd=tmp_path)


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["alone", "distributed"])
def test_run_is_recorded(tmp_path, processes):
    if processes:
        pytest.importorskip("xdist")
    pytest_on(tmp_path, f"--convcore-report={tmp_path / 'out.json'}", *processes)
    ((found),) = report.read(tmp_path / "out.json")
    own = {test["test"].partition("::")[2]: test for test in found["tests"]}
    outcomes = {name: test["outcome"] for name, test in own.items()}
    assert outcomes == {
        "test_case[good-one]": "passed",
        "test_case[bad-one]": "failed",
        "test_case[gap-one]": "gap",
        "test_case[skip-one]": "skipped",
        "test_without_a_clause_that_fails": "failed",
    }
    bad = own["test_case[bad-one]"]
    assert (bad["notes"], bad["worst"]) == (["convcore.conv(x, w)"], 0.5)
    assert "4 is not 5" in bad["text"]
    assert own["test_case[gap-one]"]["text"] == "it cannot"
    assert own["test_case[skip-one]"]["text"] == "no int8"
    assert own["test_case[good-one]"]["clauses"] == ["CC-CONV-1"]
    assert found["run"]["exit"] == 1
    assert str(tmp_path) not in json.dumps(found)


def test_page_is_written_by_the_run(tmp_path):
    pytest_on(tmp_path, "--convcore-report=out.html")
    html = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "convcore.conv(x, w)" in Reader(html).texts
    assert str(tmp_path) not in html


def test_what_cannot_be_collected_is_recorded(tmp_path):
    (tmp_path / "test_broken.py").write_text("raise RuntimeError('broken')")
    pytest_on(tmp_path, "test_broken.py", "--convcore-report=out.json")
    errors = json.loads((tmp_path / "out.json").read_text())["run"]["errors"]
    assert [error["where"] for error in errors] == ["test_broken.py"]
    assert "broken" in errors[0]["text"]


def test_name_of_the_report_is_checked(tmp_path):
    said = pytest_on(tmp_path, "--convcore-report=out.txt")
    assert "--convcore-report=out.txt: allowed is a name in .html or .json" in said


@pytest.mark.parametrize("asked", [["--markers"], ["--collect-only", "test_empty.py"]])
def test_plugin_is_light_until_it_is_used(tmp_path, asked):
    (tmp_path / "test_empty.py").write_text("")
    (tmp_path / "pytest.ini").write_text("[pytest]")  # no project around it is asked
    code = (
        "import pytest, sys; pytest.main(sys.argv[1:]); "
        "print(*{name.partition('.')[0] for name in sys.modules}, *sys.modules)"
    )
    loaded = python("-c", code, *asked, cwd=tmp_path).splitlines()[-1].split()
    assert "convcore_conformance.plugin" in loaded
    assert {"convcore", "numpy"} & set(loaded) == set()
