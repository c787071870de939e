"""``python -m convcore``: the backends table, and commands (see `convcore._commands`)."""

import argparse
import sys
from collections.abc import Sequence

import convcore
from convcore._commands import COMMANDS

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    said = _parser().parse_args(arguments)
    if said.command:
        return COMMANDS[said.command].run(said)
    print(_backends_table())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="convcore", description="Without a command, list the backends."
    )
    parser.add_argument("--version", action="version", version=convcore.__version__)
    commands = parser.add_subparsers(dest="command")
    for command in COMMANDS.values():
        command.add(commands)
    return parser


def _backends_table() -> str:
    rows = [("backend", "version", "devices", "methods", "from")]
    for name, info in convcore.backends().items():
        if info.capabilities is None:
            rows.append((name, "", "", f"unavailable: {info.reason}", info.distribution))
            continue
        can = info.capabilities
        devices = ", ".join(can.devices) or "any"
        rows.append((name, can.version, devices, ", ".join(can.methods), info.distribution))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([f"convcore {convcore.__version__}", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
