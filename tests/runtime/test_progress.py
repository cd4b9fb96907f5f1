"""Progress without a terminal."""

from contextvars import Context

from ganzoo.runtime.progress import progress_bar, say, showing


def test_lines_show_the_amount_and_the_time_left(capsys):
    with showing(True), progress_bar("samples", 10, unit="files", line_seconds=0) as update:
        update(0)
        update(5, "note")
        update(6, "note", "six")
    first, half, other = capsys.readouterr().err.splitlines()
    assert first == "samples: 0/10 files"
    assert half == "samples: 5/10 files, 0:00 left, note"
    assert other == "samples: six, 0:00 left, note"


def test_lines_come_from_time_to_time(capsys):
    with showing(True), progress_bar("samples", 10, line_seconds=30) as update:
        update(5)
    assert capsys.readouterr().err == ""


def test_a_library_is_silent(capsys):
    def work():
        with progress_bar("samples", 10, line_seconds=0) as update:
            update(5)
        say("hello")

    Context().run(work)  # no command has switched progress on in a new context
    assert capsys.readouterr().err == ""
