"""Format numbers of ganzoo's files: older formats are upgraded, newer ones refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ganzoo.errors import FormatError

Step: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


def current_format(steps: Sequence[Step]) -> int:
    """The newest format, which is written."""
    return len(steps) + 1


def upgrade(
    content: dict[str, Any], version: object, steps: Sequence[Step], path: Path
) -> dict[str, Any]:
    """Upgrade the content of a file to the newest format.

    Args:
        content: of the file, without its format number.
        version: its format number.
        steps: from format 1 to 2, from 2 to 3, and so on.
        path: of the file, for the message.

    Raises:
        FormatError: a newer ganzoo wrote it, or the number is invalid.
    """
    known = current_format(steps)
    if not isinstance(version, int) or not 1 <= version <= known:
        raise FormatError(
            f"{path} has format {version}, this ganzoo reads {known} and older:"
            " upgrade it (pip install --upgrade ganzoo-core)"
        )
    for step in steps[version - 1 :]:
        content = step(content)
    return content
