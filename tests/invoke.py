"""Commands run in this process, as tests of the Hub and of model folders need them."""

from typer.testing import CliRunner

from ganzoo.cli import app


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.output, result.output
    return result.exit_code, result.stdout, result.stderr.strip()


def refused(*arguments: object, code: int = 1) -> str:
    """The one line that says why."""
    exit_code, _, error = run(*arguments)
    assert exit_code == code, error
    (line,) = [text for text in error.splitlines() if text.startswith("error: ")]
    return line
