"""Licenses that must be accepted before weights are downloaded, and who accepted them here."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from ganzoo.errors import UsageError
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.paths import cache_dir
from ganzoo.spec import Weights


def require_accepted(name: str, weights: Weights, accept: bool = False) -> None:
    """Refuse weights whose license has not been accepted; an acceptance is remembered.

    Args:
        name: the model, for the message.
        weights: its weights.
        accept: accept the license now.

    Raises:
        UsageError: not accepted; the message names the license and its address.
    """
    if not weights.terms or is_accepted(weights.terms):
        return
    if accept or _accepted_by_variable(weights.license):
        _remember(weights)
        return
    raise UsageError(
        f"the license of the weights of {name} ({weights.license}) must be accepted first: read"
        f" {weights.terms}, then `ganzoo pull {name} --accept-license`"
        " (in Python accept_license=True, in jobs GANZOO_ACCEPT_LICENSE=1)"
    )


def is_accepted(terms: str) -> bool:
    """True if this user has accepted the license at an address before."""
    return terms in _read(_file())


def _accepted_by_variable(license_name: str) -> bool:
    """True if the variable for batch jobs is ``1``, or names the license among others."""
    stated = {each.strip() for each in os.environ.get("GANZOO_ACCEPT_LICENSE", "").split(",")}
    return bool(stated & {"1", "true", "yes", license_name})


def _remember(weights: Weights) -> None:
    """Note an acceptance; without a cache that can be written, it holds for this time only."""
    file = _file()
    if file is None:
        return
    known = _read(file)
    known[weights.terms] = {"license": weights.license, "accepted": time.strftime("%Y-%m-%d")}
    try:
        with atomic_write(file) as temporary:
            temporary.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    except OSError:
        pass


def _file() -> Path | None:
    try:
        return cache_dir() / "licenses.json"
    except (UsageError, OSError):
        return None


def _read(file: Path | None) -> dict[str, dict[str, str]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8")) if file else {}
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
