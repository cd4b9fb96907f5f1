"""Build the documentation site: ``pip install ".[docs]" && python docs/build_site.py``.

The pages are those of docs/, and whatever they link to elsewhere in the repository. They are
copied to a folder of their own, because a site generator reads one folder, and built by Zensical.
A link to a page or a heading that does not exist is an error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

from api_pages import MODULES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ELSEWHERE = "repository"
"""Folder of the site with files that are not in docs/."""
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)(?=[)#])")
FENCE = re.compile(r"^( *)```.*?^\1```", re.DOTALL | re.MULTILINE)
Nav: TypeAlias = "list[dict[str, str | Nav]]"


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("--out", type=Path, default=ROOT / "build/docs", help="default: build/docs")
    out = parser.parse_args().out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    stage(out / "pages")
    config = out / "mkdocs.yml"
    places = json.dumps({"docs_dir": "pages", "site_dir": "site", "nav": navigation()})
    config.write_text((DOCS / "mkdocs.yml").read_text() + "\n" + _lines(places))
    command = [sys.executable, "-m", "zensical", "build", "--strict", "-f", str(config)]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if code := subprocess.run(command, cwd=out, env=env).returncode:
        return code
    print(f"open it in a browser, no server is needed: {os.path.relpath(out / 'site/index.html')}")
    return 0


def _lines(content: str) -> str:
    """An object of JSON as lines of YAML."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in json.loads(content).items())


def stage(folder: Path) -> None:
    """Copy the pages and all files that they link to, with links that lead to the copies."""
    waiting = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    waiting += [DOCS / "site.css", DOCS / "iframe-worker.js"]
    waiting += [ROOT / "benchmarks/README.md", ROOT / "benchmarks/LOG.md"]
    seen: set[Path] = set()
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        target = folder / place(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix != ".md":
            shutil.copyfile(source, target)
            continue
        text, linked = moved(source)
        target.write_text(text)
        waiting += linked


def place(source: Path) -> Path:
    """Path of a file within the site."""
    if source == ROOT / "README.md":
        return Path("index.md")
    if source.is_relative_to(DOCS):
        path = source.relative_to(DOCS)
    else:
        path = Path(ELSEWHERE) / source.relative_to(ROOT)
    return path.with_name("index.md") if path.name == "README.md" else path


def moved(source: Path) -> tuple[str, list[Path]]:
    """Text of a page with its links changed, and the files that it links to."""
    linked: list[Path] = []
    here = place(source).parent

    def link(found: re.Match[str]) -> str:
        target = Path(os.path.normpath(source.parent / found[1]))
        if target.is_dir():
            target /= "README.md"
        if not target.is_file() or not target.is_relative_to(ROOT):
            raise SystemExit(f"{source.relative_to(ROOT)}: there is no {found[1]}")
        linked.append(target)
        return os.path.relpath(place(target), here)

    parts: list[str] = []
    end = 0
    text = source.read_text()
    for fence in FENCE.finditer(text):
        parts += [LINK.sub(link, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, LINK.sub(link, text[end:])]), linked


def navigation() -> Nav:
    """Titles and pages of the site."""
    return [
        {"Home": [{"ganzoo": "index.md"}, *_pages("start.md", "choose.md", "application.md")]},
        {"Guides": [*_pages("guide.md"), *_guides(), *_pages("losses.md", "troubleshooting.md")]},
        {"Models": [*_pages("models.md", "published.md", "weights.md"), *_folder("models")]},
        {"Results": _pages("results.md", "performance.md", "field.md", "parity.md")},
        {"Plugins": [{"Plugins": "plugins/index.md"}, *_folder("plugins")]},
        {
            "Reference": [
                *_pages("reference/settings.md", "reference/api.md"),
                {"Modules": [{page: f"reference/{page}.md"} for page in MODULES]},
                {"Command line": [*_pages("cli.md"), *_folder("commands")]},
                {"Protocols": [{"Protocols": "protocols/index.md"}, *_folder("protocols")]},
            ]
        },
        {
            "Project": [
                {"Changelog": f"{ELSEWHERE}/CHANGELOG.md"},
                {"Contribute": f"{ELSEWHERE}/CONTRIBUTING.md"},
                {"Code": f"{ELSEWHERE}/ganzoo/index.md"},
                {"Benchmarks": f"{ELSEWHERE}/benchmarks/index.md"},
                {"Log": f"{ELSEWHERE}/benchmarks/LOG.md"},
            ]
        },
    ]


def _pages(*names: str) -> Nav:
    """Pages of docs/ with their titles; those that do not exist are left out."""
    return [{_title(DOCS / name): name} for name in names if (DOCS / name).exists()]


def _folder(name: str) -> Nav:
    """All pages of a folder, sorted by name."""
    paths = (path for path in sorted((DOCS / name).glob("*.md")) if path.name != "README.md")
    return _pages(*(str(path.relative_to(DOCS)) for path in paths))


def _guides() -> Nav:
    """The guides in the order of the page that lists them."""
    listed = re.findall(r"\((howto/[\w-]+\.md)\)", (DOCS / "guide.md").read_text())
    return _pages(*listed)


def _title(path: Path) -> str:
    found = re.search(r"^# (.+)$", path.read_text(), re.MULTILINE)
    return found[1] if found else path.stem


if __name__ == "__main__":
    raise SystemExit(main())
