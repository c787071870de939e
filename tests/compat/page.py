"""The tables of docs/compat.md, from the rows: ``python -m compat.page`` in tests/ renews them."""

from collections import Counter
from pathlib import Path

from .answers import BY_FUNCTION, COLUMNS, YES
from .rows import PEERS, REASONS
from .tables import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "compat.md"


def generated():
    """The generated part of the page, by the name of its place."""
    return {"functions": functions(), "reasons": reasons(), "scipy": scipy()}


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def functions():
    parts = []
    for module, peer in PEERS.items():
        names = sorted({row.name for row in ROWS if row.module == module})
        lines = [line(module, name) for name in names]
        head = [f"`{peer}`", "calls", "dtypes", "that differ", "also on the other libraries"]
        parts.append(table(head, lines))
    return "\n\n".join(parts)


def line(module, name):
    rows = [row for row in ROWS if (row.module, row.name) == (module, name)]
    dtypes = {x.dtype for row in rows for x in row.arrays}
    differ = Counter(row.differs for row in rows if row.differs)
    named = ", ".join(f"{n} {reason}" for reason, n in sorted(differ.items())) or "0"
    everywhere = sum(row.everywhere for row in rows)
    return f"`{name}`", len(rows), spelled(dtypes), named, everywhere


def spelled(dtypes):
    """Dtypes as ranges of bits: int8-64, float32-64."""
    bits = {}
    for dtype in dtypes:
        name = dtype.name.rstrip("0123456789")
        bits.setdefault(name, set()).add(8 * dtype.itemsize)
    kinds = ("bool", "int", "uint", "float", "longdouble", "complex", "clongdouble", "object")
    return ", ".join(
        name
        + (f"{min(bits[name])}-{max(bits[name])}" if len(bits[name]) > 1 else sized(name, bits))
        for name in kinds
        if name in bits
    )


def sized(name, bits):
    return str(*bits[name]) if name in ("int", "uint", "float", "complex") else ""


def reasons():
    used = Counter(row.differs for row in ROWS if row.differs)
    return "\n".join(f"- *{name}* ({used[name]}): {why}." for name, why in sorted(REASONS.items()))


def scipy():
    lines = [
        (f"`{name}`", *said, "fft" if "direct" in said else YES)
        for name, said in BY_FUNCTION.items()
    ]
    return table(["SciPy's", *COLUMNS, "convcore's, each"], lines)


def renewed(text):
    """The page with its generated parts as they should be."""
    for name, part in generated().items():
        begin, end = f"<!-- begin {name} -->\n", f"\n<!-- end {name} -->"
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n{part}\n{end}{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
