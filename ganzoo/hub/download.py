"""Downloads from the Hub: from the cache first, only where the Hub answers, always verified."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from ganzoo.errors import UsageError, WeightsError
from ganzoo.hub.model_folder import CONFIG, WEIGHTS
from ganzoo.hub.requests import split_repo, try_request
from ganzoo.hub.stated_hash import digest, stated_hash
from ganzoo.hub.transfer import Transfer
from ganzoo.runtime.network import endpoint, is_offline, unreachable
from ganzoo.runtime.version import VERSION

log = logging.getLogger("ganzoo")


def download(name: str, sha256: str = "") -> Path:
    """The folder in the Hub's cache that holds a repository's config and weights.

    A revision that is a full commit and is cached makes no request.

    Args:
        name: ``user/repo`` or ``user/repo@revision``.
        sha256: hash that the weights must have; left out, the one that the Hub states.

    Raises:
        UsageError: a name of another form.
        WeightsError: not available, or damaged even after a second download.
    """
    repo, revision = _commit(name, CONFIG)
    folder = _file(repo, revision, CONFIG).parent
    _verified(name, repo, revision, WEIGHTS, sha256)
    return folder


def download_file(name: str, file: str) -> Path:
    """One file of a repository in the Hub's cache, with the hash that the Hub states.

    Args:
        name: ``user/repo`` or ``user/repo@revision``.
        file: its path in the repository.

    Raises:
        UsageError: a name of another form.
        WeightsError: not available, or damaged even after a second download.
    """
    repo, revision = _commit(name, file)
    return _verified(name, repo, revision, file)


def _verified(name: str, repo: str, revision: str, file: str, sha256: str = "") -> Path:
    """A file that has its hash; a damaged one is downloaded once more."""
    path = _file(repo, revision, file)
    expected = sha256 or stated_hash(path, repo, revision, file)
    if not expected:
        log.warning("hf-hub:%s: %s is not verified: the Hub's hash is unknown here", name, file)
        return path
    if digest(path, expected) != expected:
        log.warning("%s of %s is damaged in the cache: downloaded once more", file, repo)
        if not path.is_symlink() and not is_offline():
            path.unlink()  # the client does not replace a file that is no link
        path = _file(repo, revision, file, force=True)
    found = digest(path, expected)
    if found != expected:
        raise WeightsError(
            f"hf-hub:{name}: {file} has the hash {found}, it must have {expected}: it is not"
            " loaded; ask its author"
        )
    return path


def _commit(name: str, file: str) -> tuple[str, str]:
    """A repository and a full commit of it; ``file`` is one that it must have."""
    repo, revision = split_repo(name)
    if re.fullmatch(r"[0-9a-f]{40}", revision):
        return repo, revision
    return repo, _resolve(repo, revision, file)


def _resolve(repo: str, revision: str, file: str) -> str:
    """The commit of a branch or tag; offline, the last that is known."""
    from huggingface_hub import try_to_load_from_cache

    if not is_offline():
        return _snapshot(_fetch(repo, revision, file), file)
    cached = try_to_load_from_cache(repo, file, revision=revision)
    if isinstance(cached, str):
        return _snapshot(Path(cached), file)
    raise WeightsError(_missing(f"{repo}@{revision}", file))


def _snapshot(path: Path, file: str) -> str:
    """The commit in a cached file's path: the folder that ``file`` is relative to."""
    return path.parents[file.count("/")].name


def _file(repo: str, revision: str, name: str, force: bool = False) -> Path:
    """One file of a commit: cached, or downloaded now."""
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(repo, name, revision=revision)
    if isinstance(cached, str) and not force:
        return Path(cached)
    if is_offline():
        raise WeightsError(_missing(f"{repo}@{revision}", name))
    return _fetch(repo, revision, name, force)


def _fetch(repo: str, revision: str, name: str, force: bool = False) -> Path:
    from huggingface_hub import constants, hf_hub_download

    if constants.HF_HUB_CACHE.startswith("~"):
        raise UsageError("the Hub's cache has no folder: HOME is not set; set HF_HOME")
    with Transfer(f"{repo}/{name}", constants.HF_HUB_CACHE) as transfer:
        path = try_request(
            f"{repo}@{revision}",
            name,
            lambda: hf_hub_download(
                repo,
                name,
                revision=revision,
                endpoint=endpoint(),
                force_download=force,
                library_name="ganzoo",
                library_version=VERSION,
                tqdm_class=transfer.hub_bar(),
            ),
        )
        transfer.end(path)
    return Path(str(path))


def _missing(name: str, file: str) -> str:
    """Message on a file that is neither cached nor within reach."""
    missing = f"hf-hub:{name} is not in the cache and {unreachable()}: go online"
    if file != CONFIG:
        return f"{missing}, or bring {file} here by other means"
    return f"{missing} and `ganzoo pull hf-hub:{name}`, or copy the folder and use local-dir:PATH"
