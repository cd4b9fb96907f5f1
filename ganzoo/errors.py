"""Errors that a user can cause, each with a message of one line.

GanzooError                    exit code 1: files, data, plugins or network do not allow the command
├── UsageError                 exit code 2: invalid command-line usage
│   ├── UnknownNameError       a model, preset, protocol, data set or key that does not exist
│   └── ConfigError            a value that its option or key does not accept
├── PluginError                a plugin that does not work, or a name that two plugins provide
├── DataError                  data that is missing, empty, unreadable or of the wrong shape
├── RunError                   a run folder that cannot be written or resumed
├── FormatError                a file that a newer ganzoo wrote
├── testing.CheckFailed        a conformance check that a plugin fails
└── WeightsError               weights that are missing, damaged or of another model
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class GanzooError(Exception):
    """Base class: the message is one line that states what was asked, what exists, what to type."""

    exit_code = 1


class UsageError(GanzooError):
    """Invalid command-line usage (exit code 2)."""

    exit_code = 2


class ConfigError(UsageError):
    """A value that its option or key does not accept."""


class UnknownNameError(UsageError):
    """A name that does not exist; the message suggests the nearest ones.

    Args:
        kind: kind of thing that was looked up, e.g. ``"model"``.
        asked: the name as typed.
        known: the names that exist.
        hint: the command that lists them all, or an empty string.
        near: names to suggest; left out, those with a similar spelling.
    """

    def __init__(
        self,
        kind: str,
        asked: str,
        known: Iterable[str],
        hint: str = "",
        near: Sequence[str] = (),
    ) -> None:
        from difflib import get_close_matches

        names = sorted(known)
        near = near or get_close_matches(str(asked), names, n=3, cutoff=0.5)
        if near:
            rest = f"did you mean {' or '.join(near)}?"
        elif names:
            shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
            rest = f"there is {shown}"
        else:
            rest = "there is none"
        super().__init__(f"no {kind} {asked!r}: {rest}" + (f" ({hint})" if hint else ""))


class PluginError(GanzooError):
    """A plugin that does not work, or a name that two plugins provide."""


class DataError(GanzooError):
    """Data that is missing, empty, unreadable or of the wrong shape."""


class RunError(GanzooError):
    """A run folder that cannot be written or resumed."""


class FormatError(GanzooError):
    """A file that a newer ganzoo wrote."""


class WeightsError(GanzooError):
    """Weights that are missing, damaged or of another model."""


def first_problems(problems: Sequence[str], shown: int = 5) -> str:
    """The first few problems of a list, and how many more there are, for a message of one line."""
    more = f" and {len(problems) - shown} more" if len(problems) > shown else ""
    return "; ".join(problems[:shown]) + more
