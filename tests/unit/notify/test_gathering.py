"""What belongs together is told together, and the rest at once."""

from gigacity_notify.configuration import Grouping
from gigacity_notify.gathering import Gathered, Waiting, gather
from gigacity_notify.notice import AlarmNotice
from tests.support.notices import NOW_MS, notice

RULES = Grouping(wait_s=30, digest_from=5)


def _gather(*waiting: Waiting, after_s: float) -> list[Gathered]:
    return gather(waiting, RULES, NOW_MS + round(after_s * 1000))


def _waiting(
    number: int, told: AlarmNotice, *, since_s: float = 0, channel: str = "duty"
) -> Waiting:
    at_ms = NOW_MS + round(since_s * 1000)
    return Waiting(number, channel, told, at_ms, at_ms)


def test_notices_of_a_group_wait_for_each_other_and_the_worst_is_first() -> None:
    items = (
        _waiting(1, notice(alarm="a", households=10)),
        _waiting(2, notice(alarm="b", households=90), since_s=20),
        _waiting(3, notice(alarm="c", severity="critical"), since_s=29),
    )
    assert _gather(*items, after_s=29) == []
    (message,) = _gather(*items, after_s=30)
    assert [n.alarm for n in message.notices] == ["c", "b", "a"]
    assert message.numbers == (1, 2, 3)


def test_groups_and_channels_are_apart() -> None:
    items = (
        _waiting(1, notice(alarm="a")),
        _waiting(2, notice(alarm="b", group="other")),
        _waiting(3, notice(alarm="a"), channel="chief"),
    )
    assert len(_gather(*items, after_s=31)) == 3


def test_a_fleeting_alarm_is_told_nobody_and_uses_up_its_rows() -> None:
    items = (_waiting(1, notice()), _waiting(2, notice(act="clear"), since_s=5))
    (message,) = _gather(*items, after_s=30)
    assert (message.notices, message.numbers) == ((), (1, 2))


def test_an_alarm_that_was_told_before_is_told_that_it_cleared() -> None:
    (message,) = _gather(_waiting(1, notice(act="clear")), after_s=30)
    assert message.notices[0].act == "clear"


def test_only_the_newest_of_an_alarm_is_told() -> None:
    items = (
        _waiting(1, notice()),
        _waiting(2, notice(act="change", severity="critical"), since_s=3),
    )
    (message,) = _gather(*items, after_s=30)
    assert [(n.act, n.severity) for n in message.notices] == [("change", "critical")]


def test_many_become_one_digest() -> None:
    items = [_waiting(n, notice(alarm=str(n), group=f"g{n}")) for n in range(5)]
    (message,) = _gather(*items, after_s=30)
    assert len(message.notices) == 5


def test_life_safety_waits_for_nobody() -> None:
    items = [_waiting(n, notice(alarm=str(n), group=f"g{n}")) for n in range(9)]
    fire = notice(alarm="fire", is_life_safety=True, severity="critical")
    (message,) = _gather(*items, _waiting(10, fire), after_s=0)
    assert [n.alarm for n in message.notices] == ["fire"]


def test_what_waited_for_the_morning_comes_with_its_group() -> None:
    at_seven = NOW_MS + 600_000
    items = (
        Waiting(1, "duty", notice(alarm="a"), NOW_MS, at_seven),
        Waiting(2, "duty", notice(alarm="b"), NOW_MS + 9_000, at_seven),
    )
    assert gather(items, RULES, at_seven) == []
    (message,) = gather(items, RULES, at_seven + 30_000)
    assert len(message.notices) == 2
