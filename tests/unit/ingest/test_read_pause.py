"""When messages are left to gather, and when not."""

import pytest

from gigacity_ingest.adapters.read_pause import FEW_BYTES, PAUSE_S, ReadPause


def test_what_comes_after_a_quiet_moment_is_read_at_once() -> None:
    assert ReadPause().left_s(100.0) == 0


def test_after_a_few_messages_the_next_ones_gather_for_a_moment() -> None:
    pause = ReadPause()
    pause.note(200, 100.0)
    assert pause.left_s(100.0) == pytest.approx(PAUSE_S)
    assert pause.left_s(100.0 + PAUSE_S / 2) == pytest.approx(PAUSE_S / 2)
    assert pause.left_s(100.0 + 2 * PAUSE_S) == 0


@pytest.mark.parametrize("read_bytes", [0, FEW_BYTES, 50 * FEW_BYTES])
def test_neither_a_drained_queue_nor_the_answer_to_a_ping_pauses(read_bytes: int) -> None:
    pause = ReadPause()
    pause.note(read_bytes, 100.0)
    assert pause.left_s(100.0) == 0
