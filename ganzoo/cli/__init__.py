"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

from ganzoo.cli import models, scores, weights, work
from ganzoo.cli.app import app

__all__ = ["app", "main", "models", "scores", "weights", "work"]


def main() -> None:
    """The entry point of the command ``ganzoo``."""
    app(prog_name="ganzoo")
