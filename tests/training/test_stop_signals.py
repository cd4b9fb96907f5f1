"""Stop signals."""

import signal
import threading

from ganzoo.runtime import distributed
from ganzoo.training.stop_signals import catch_stop_signals


def test_a_process_that_waits_for_a_lost_one_gives_up(monkeypatch):
    gave_up = threading.Event()
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    with catch_stop_signals(grace_seconds=0.05, give_up=gave_up.set) as caught:
        signal.raise_signal(signal.SIGTERM)
        assert gave_up.wait(5)
    assert caught == [signal.SIGTERM]


def test_handlers_are_restored_and_other_threads_leave_them_alone():
    before = signal.getsignal(signal.SIGINT)
    with catch_stop_signals():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
    caught = []

    def elsewhere():
        with catch_stop_signals() as signals:
            caught.append(signals)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert caught == [[]]
