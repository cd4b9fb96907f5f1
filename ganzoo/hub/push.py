"""Upload of a run folder to a repository of the Hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ganzoo.errors import GanzooError, UsageError, WeightsError
from ganzoo.hub.card import read_license, write_card
from ganzoo.hub.model_folder import CONFIG, METRICS, WEIGHTS, RunConfig, load_folder, read_config
from ganzoo.hub.requests import split_repo
from ganzoo.hub.rest import REST, read_rest, save_rest
from ganzoo.hub.sources import run_config
from ganzoo.runtime.network import endpoint, is_offline, network_errors, unreachable
from ganzoo.runtime.paths import SAMPLES, user_path
from ganzoo.runtime.tensor_files import file_sha256
from ganzoo.runtime.version import VERSION

FILES = (CONFIG, WEIGHTS, METRICS, "README.md", *SAMPLES)
"""The files that are sent; checkpoints and logs stay."""


@dataclass(frozen=True)
class Upload:
    """Files about to be sent, and where they go."""

    folder: Path
    repo: str
    private: bool
    license: str
    """License of the weights in the card; empty if none is stated."""
    sizes: Mapping[str, int]
    """Bytes by file."""

    def __str__(self) -> str:
        files = ", ".join(f"{name} ({size:,} bytes)" for name, size in self.sizes.items())
        kind = "private" if self.private else "public"
        there = f"{kind} {endpoint()}/{self.repo}"
        return f"{self.folder} to {there}, license {self.license}: {files}"


def prepare(
    folder: Path,
    repo: str,
    *,
    private: bool,
    license_id: str = "",
    discriminator: bool = False,
    allow_restricted: bool = False,
) -> Upload:
    """Check that a folder is a complete model that loads here, and list what would be sent.

    Args:
        folder: a run or model folder.
        repo: repository on the Hub, ``user/name``.
        private: visible to its owner only.
        license_id: license of the weights, an SPDX identifier; left out, as in `write_card`.
        discriminator: send the other networks too, for fine-tuning.
        allow_restricted: the user has stated that weights with a license for research only may be
            passed on, and under which license.

    Raises:
        UsageError: a repository that is not written ``user/name``, a license that is no identifier,
            or weights whose license restricts their use.
        WeightsError: no model folder, or one that does not load.
    """
    if split_repo(repo) != (repo, "main"):
        raise UsageError(f"a repository is written user/name, not {repo!r}")
    folder = user_path(folder)
    if not folder.is_dir():
        raise WeightsError(f"{folder}: no such folder (you are in {Path.cwd()})")
    run = read_config(folder / CONFIG)
    if not (allow_restricted and license_id):
        _refuse_restricted(run, repo)
    model = run.resolve()
    load_folder(folder, model=model)
    files = (*FILES, REST) if discriminator else FILES
    if discriminator and not (folder / REST).exists():
        rest = read_rest(folder)
        if not rest:
            raise WeightsError(f"{folder} has no discriminator: leave out --discriminator")
        save_rest(folder, rest, {"model": run.model})
    write_card(folder, repo, license_id, model)
    there = [name for name in files if (folder / name).exists()]
    sizes = {name: (folder / name).stat().st_size for name in there}
    return Upload(folder, repo, private, read_license(folder), sizes)


def _refuse_restricted(run: RunConfig, repo: str) -> None:
    """Refuse weights, or weights fine-tuned from them, whose license had to be accepted."""
    origin = run.origin
    if run.init and not origin:
        try:
            origin = run_config(run.init).origin
        except GanzooError:  # the source is gone; its license is unknown
            origin = {}
    if terms := origin.get("terms"):
        raise UsageError(
            f"the weights come from others under {origin.get('license')} ({terms}), which restricts"
            f" passing them on: if you may, `ganzoo push FOLDER {repo} --license LICENSE --yes`"
        )


def push(upload: Upload, token: str | None = None) -> str:
    """Send an upload, and return the new commit, 40 hexadecimal digits.

    Args:
        upload: from `prepare`.
        token: left out, that of `hf auth login`, or ``$HF_TOKEN``.

    Raises:
        WeightsError: the Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi, errors

    if is_offline():
        raise WeightsError(f"{unreachable()}: nothing was sent")
    api = HfApi(endpoint(), token, library_name="ganzoo", library_version=VERSION)
    name = read_config(upload.folder / CONFIG).model
    try:
        api.create_repo(upload.repo, private=upload.private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=upload.repo,
            folder_path=upload.folder,
            allow_patterns=list(upload.sizes),
            commit_message=f"{name}, ganzoo {VERSION}",
        )
    except errors.LocalTokenNotFoundError as error:
        raise WeightsError("no token: `hf auth login`, or set HF_TOKEN") from error
    except network_errors() as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise WeightsError(
            f"cannot push to {upload.repo}: {reason} (is the token's right to write there?)"
        ) from error
    return str(commit.oid)


def pin(upload: Upload, commit: str) -> str:
    """The line for a plugin's spec that names the pushed weights."""
    file = upload.folder / WEIGHTS
    facts = [file_sha256(file), upload.license, upload.repo, commit]
    return f"Weights({', '.join(json.dumps(fact) for fact in facts)}, {file.stat().st_size})"
