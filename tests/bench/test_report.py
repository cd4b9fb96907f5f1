"""The page of a run: it stands alone, shows the numbers, and works in a browser."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from commands import done, fails
from tiny_runs import rows, run

from ganzoo import hub
from ganzoo.bench.report import page as pages
from ganzoo.bench.report import read_runs, write_report, write_report_safely
from ganzoo.bench.report.repeat import command
from ganzoo.training import Schedule, plan

VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """Addresses and open elements of a page, and its slider's frames."""

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.kimg = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.addresses += [values[key] for key in ("src", "href") if values.get(key)]
        if tag == "div" and "data-kimg" in values:
            self.kimg.append(float(values["data-kimg"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.addresses += [value for key, value in attrs if key in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two runs of a few steps with health lines; the first has a problem."""
    folder = tmp_path_factory.mktemp("report")
    often = Schedule(health_images=64)
    for seed in (0, 1):
        run(folder / f"run{seed}", 12, schedule=often, seed=seed, data=rows())
    path = folder / "run0" / "health.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[-1]["verdict"] = "the samples drift away"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_a_page_stands_alone_and_shows_the_numbers(trained):
    page = write_report(trained / "run0")
    text = page.read_text()
    found = Page(text)
    assert [a for a in found.addresses if not a.startswith(("data:", "#"))] == [
        *["metrics.jsonl"],
        *["health.jsonl"] * (len(re.findall(r"health\.jsonl", text)) // 2),
    ]
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert found.kimg == [0.016, 0.032, 0.048, 0.064, 0.096, 0.128, 0.192]
    assert "the samples drift away" in text
    assert "Latent interpolation" in text
    assert "Nearest training images" in text
    assert text.count("<svg") >= 5
    last = json.loads((trained / "run0" / "metrics.jsonl").read_text().splitlines()[-1])
    for value in (value for key, value in last.items() if key.startswith("generator/")):
        assert f"<td>{value:.4g}</td>" in text
    assert page.stat().st_size < 3e6


def test_the_command_of_a_page_repeats_the_run(trained):
    config = hub.read_config(trained / "run0" / "config.json")
    words = command(config).split()
    assert words[:3] == ["ganzoo", "train", "vanilla.mnist"]
    values = dict(zip(words[3::2], words[4::2], strict=True))
    settings = dict(words[i + 1].split("=", 1) for i, word in enumerate(words) if word == "--set")
    again = plan(
        "vanilla.mnist",
        data=values["--data"],
        kimg=float(values["--kimg"]),
        batch=int(values["--batch"]),
        seed=int(values["--seed"]),
        settings=settings,
    )
    assert again.run.config == config.config
    assert again.run.recipe == config.recipe


def test_runs_are_compared_and_drawn_for_a_paper(trained, tmp_path):
    page, figures = tmp_path / "two.html", tmp_path / "figures"
    runs = [trained / "run0", trained / "run1"]
    shown = done("report", *runs, "-o", page, "--figures", figures)
    assert f"report: {page}" in shown
    found = Page(page.read_text())
    assert len(found.kimg) == 14
    assert "<b>run0</b>: " in page.read_text()
    names = {path.name for path in figures.iterdir()}
    assert {"fd.pdf", "fd.png", "fd.csv", "runs.csv", "runs.tex"} <= names
    assert (figures / "fd.csv").read_text().startswith("kimg,run0,run1")
    assert "run0 & vanilla.mnist" in (figures / "runs.tex").read_text()
    assert "it has no config.json" in fails(1, "report", tmp_path)


def test_a_fault_of_a_report_is_a_warning(trained, tmp_path, caplog):
    shutil.copytree(trained / "run0", tmp_path / "run")
    (tmp_path / "run" / "metrics.jsonl").write_text('{"images": 16, "half')
    (tmp_path / "run" / "summary" / "summary.json").write_text("[]")
    assert write_report_safely(tmp_path / "run") is not None
    (tmp_path / "run" / "config.json").write_text("{}")
    assert write_report_safely(tmp_path / "run") is None
    assert "no report of" in caplog.text


def test_a_missing_matplotlib_costs_the_plots_alone(trained, monkeypatch):
    def missing(plot):
        raise ImportError("matplotlib")

    monkeypatch.setattr(pages.sections, "svg", missing)
    text = pages.page(*read_runs([trained / "run0"]))
    assert "matplotlib is not installed" in text
    assert "<svg" not in text


def browser_path():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


def test_the_page_works_in_a_browser(trained):
    browsers = pytest.importorskip("playwright.sync_api", reason="no playwright here")
    if not browser_path():
        pytest.skip("no chromium here")
    page = write_report(trained / "run0")
    with browsers.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        errors = []
        for scheme, width in (("light", 1280), ("dark", 390)):
            shown = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            shown.on("console", lambda message: errors.append(message.text))
            shown.on("pageerror", lambda error: errors.append(str(error)))
            shown.goto(Path(page).as_uri())
            visible = shown.locator(".frames > div:visible")
            assert visible.get_attribute("data-kimg") == "0.192"
            shown.locator("#time").focus()
            shown.keyboard.press("Home")
            assert visible.get_attribute("data-kimg") == "0.016"
            assert shown.locator("#kimg").text_content() == "0.016 kimg"
            assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
            dark = shown.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (dark == "rgb(15, 20, 25)") == (scheme == "dark")
            assert errors == []
        browser.close()
