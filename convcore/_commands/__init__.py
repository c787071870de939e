"""The subcommands of ``python -m convcore``, a module each."""

import argparse
from typing import Protocol

from convcore._commands import bench, conformance, plan, tune

__all__ = ["COMMANDS", "Command"]


class Command(Protocol):
    """A subcommand: its module."""

    def add(self, commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        """Say what may be asked."""

    def run(self, said: argparse.Namespace) -> int:
        """Do what was asked; returns the exit status."""


COMMANDS: dict[str, Command] = {
    "bench": bench,
    "conformance": conformance,
    "plan": plan,
    "tune": tune,
}
