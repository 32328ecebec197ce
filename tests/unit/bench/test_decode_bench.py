"""The decode bench measures what it says, and marks what is too slow."""

from gigacity_ingest.formats.catalogue import FORMATS
from tests.bench.decode.command import DecodeCost, costs_table, cpu_us, measure, measure_ways
from tests.bench.decode.device_ways import device_ways
from tests.bench.decode.messages import ROWS, device_jobs, golden_jobs, long_jobs, native_jobs


def test_a_device_has_one_reading_again_and_again() -> None:
    for job in device_jobs():
        assert [len(job.decode().readings) for _ in range(600)] == [1] * 600


def test_every_job_decodes_what_it_says() -> None:
    for job in native_jobs():
        assert job.decode()[1] is None, f"{job.name} leaves the fast path"
    for job in long_jobs() + golden_jobs():
        assert len(job.decode().readings) == job.readings
    assert {job.readings for job in long_jobs()} == {ROWS}


def test_every_format_says_its_values_the_whole_way() -> None:
    ways = device_ways()
    costs = measure_ways({way.decoder for way in ways}, 0.001)

    assert {cost.name for cost in costs} > {way.name for way in ways}


def test_golden_messages_of_most_formats_are_measured() -> None:
    assert len({job.format for job in golden_jobs()} & set(FORMATS)) > len(FORMATS) // 2


def test_a_reading_is_compared_with_a_native_point_of_its_kind() -> None:
    costs = measure({"telegraf_json"}, 0.01)

    assert {cost.format for cost in costs} == {"native", "telegraf_json"}
    assert all(cost.ratio > 0 and cost.readings_per_s > 0 for cost in costs)


def test_the_same_content_gives_points_in_every_format() -> None:
    costs = measure_ways({"json"}, 0.01)

    assert [(cost.format, cost.name) for cost in costs] == [
        ("native", "device"), ("native", "bundle"), ("native", "ports"), ("json", "bundle"),
        ("json", "json_plain"),
    ]  # fmt: skip


def test_cpu_of_one_call_comes_from_many() -> None:
    calls: list[int] = []

    assert 0 < cpu_us(lambda: calls.append(1), 0.001) < 1000
    assert len(calls) > 1


def test_what_is_below_the_limit_is_marked() -> None:
    table = costs_table(
        [
            DecodeCost("native", "device", 100, 1, 0.5, 1.0),
            DecodeCost("json", "slow", 100, 1, 5.0, 0.1, 2.0, 0.5),
        ],
        "Decoding",
    )
    marks = [list(column.cells) for column in table.columns]

    assert marks[6] == ["1.00", "0.10 [yellow]low[/]"]
    assert marks[7] == ["", "0.50"]
    assert marks[8] == ["", "2.00"]
