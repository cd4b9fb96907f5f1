"""Every error that a user can cause, each said in one line.

GanzooError                    exit code 1: the world is not as the command needs it
├── UsageError                 exit code 2: what was typed cannot be meant
│   ├── UnknownNameError       a model, preset, protocol, data set or key that does not exist
│   └── ConfigError            a value that its option does not take
├── PluginError                a plugin that cannot be used, or a name that two of them claim
├── DataError                  data that is missing, empty, unreadable or of the wrong shape
├── RunError                   a run folder that cannot be written or continued
├── FormatError                a file that a newer ganzoo wrote
├── testing.CheckFailed        a promise that a plugin does not keep
└── WeightsError               weights that are missing, damaged or of another model
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class GanzooError(Exception):
    """The root: its message is one line that says what was asked, what exists and what to type."""

    exit_code = 1


class UsageError(GanzooError):
    """What was typed cannot be meant."""

    exit_code = 2


class ConfigError(UsageError):
    """A value that its option does not take."""


class UnknownNameError(UsageError):
    """A name that does not exist; the message offers the nearest ones.

    Args:
        kind: what was looked for, e.g. ``"model"``.
        asked: the name as it was typed.
        known: the names that exist.
        hint: the command that shows them all, or an empty string.
        near: what was probably meant; left out, the names that are spelled alike.
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
        near = near or get_close_matches(asked, names, n=3, cutoff=0.5)
        if near:
            rest = f"did you mean {' or '.join(near)}?"
        elif names:
            shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
            rest = f"there is {shown}"
        else:
            rest = "there is none"
        super().__init__(f"no {kind} {asked!r}: {rest}" + (f" ({hint})" if hint else ""))


class PluginError(GanzooError):
    """A plugin that cannot be used, or a name that two of them claim."""


class DataError(GanzooError):
    """Data that is missing, empty, unreadable or of the wrong shape."""


class RunError(GanzooError):
    """A run folder that cannot be written or continued."""


class FormatError(GanzooError):
    """A file that a newer ganzoo wrote."""


class WeightsError(GanzooError):
    """Weights that are missing, damaged or of another model."""
