"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

from ganzoo.cli import data, models, plugins, scores, weights, work
from ganzoo.cli.app import app

__all__ = ["app", "data", "main", "models", "plugins", "scores", "weights", "work"]


def main() -> None:
    """The entry point of the command ``ganzoo``."""
    app(prog_name="ganzoo")
