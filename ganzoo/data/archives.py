"""ZIP archives of images, unpacked once into the cache."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path

from ganzoo.errors import DataError
from ganzoo.runtime.paths import cache_dir, cache_problem
from ganzoo.runtime.progress import say
from ganzoo.runtime.text import first_line, printable


def unpacked(path: Path) -> Path:
    """A folder with the content of a ZIP archive; any other path as it is.

    Names that lead out of the folder stay inside it, as `zipfile` sees to. The folder in the cache
    is named by the hash of the archive.

    Raises:
        DataError: a damaged archive, one with a password, or no room for its content.
    """
    if path.suffix.lower() != ".zip" or not path.is_file():
        return path
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    folder = cache_dir() / "archives" / digest.hexdigest()[:32]
    if not folder.is_dir():
        say(f"unpacking {printable(path.name)} into {folder}")
        _unpack(path, folder)
    return folder


def _unpack(path: Path, folder: Path) -> None:
    """Unpack beside the folder, and rename: a stop leaves nothing that looks complete."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            zipfile.ZipFile(path) as archive,
            tempfile.TemporaryDirectory(dir=folder.parent) as part,
        ):
            size = sum(entry.file_size for entry in archive.infolist())
            free = shutil.disk_usage(folder.parent).free
            if size > free:
                raise DataError(
                    f"data folder:{printable(path)}: its content takes {size / 2**30:,.1f} GiB, and"
                    f" {folder.parent} has {free / 2**30:,.1f} GiB: set GANZOO_CACHE to another one"
                )
            archive.extractall(part)
            if not folder.is_dir():
                Path(part).rename(folder)
                Path(part).mkdir()
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise DataError(f"data folder:{printable(path)}: {first_line(error)}") from error
    except OSError as error:
        raise DataError(f"data folder:{printable(path)}: {cache_problem(folder, error)}") from error
