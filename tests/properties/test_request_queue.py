"""Against a server with any bad lines, in any mixture of answers: good stored, bad refused."""

from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.influx import (
    Malformed,
    Partial,
    TooLarge,
    Unavailable,
    WriteOutcome,
    Written,
)
from gigacity_contract.measurements import RAW
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.request_queue import RequestQueue


class Server:
    """Stores lines as 1.x or 2.x would; bad ones are malformed, hard to name, or conflict."""

    def __init__(self, flavour: int, bad: dict[bytes, str], max_lines: int) -> None:
        self.flavour = flavour
        self.bad = bad
        self.max_lines = max_lines
        self.stored: set[bytes] = set()
        self.sent = 0

    def write(self, lines: list[bytes]) -> WriteOutcome:
        self.sent += 1
        if self.sent % 5 == 0:
            return Unavailable(None, "500 write failed")
        if len(lines) > self.max_lines:
            return TooLarge("413")
        malformed = [x for x in lines if self.bad.get(x) in {"malformed", "nameless"}]
        conflicts = [x for x in lines if self.bad.get(x) == "conflict"]
        if malformed and (self.flavour == 2 or not conflicts):
            if self.flavour == 1:
                self.stored |= set(lines) - set(malformed)
            names = tuple(x if self.bad[x] == "malformed" else x + b"\xef" for x in malformed)
            return Malformed(names, "unable to parse", rest_stored=self.flavour == 1)
        self.stored |= set(lines) - set(malformed) - set(conflicts)
        # 1.x names only the conflict, and loses malformed lines beside it without a word.
        return Partial(len(conflicts), "field type conflict") if conflicts else Written()


@given(
    flavour=st.sampled_from([1, 2]),
    kinds=st.lists(
        st.sampled_from(["good"] * 6 + ["malformed", "nameless", "conflict"]),
        min_size=1,
        max_size=120,
    ),
    max_lines=st.sampled_from([7, 1000]),
)
def test_every_good_line_is_stored_and_every_bad_one_refused(
    flavour: int, kinds: list[str], max_lines: int
) -> None:
    lines = [b"line %d" % i for i in range(len(kinds))]
    bad = {line: kind for line, kind in zip(lines, kinds, strict=True) if kind != "good"}
    server = Server(flavour, bad, max_lines)
    requests = RequestQueue(Body.of_lines(RAW, lines))
    while (request := requests.next_body()) is not None:
        requests.judge(server.write(request.lines()))

    refused = {line for part in requests.refused for line in part.lines}
    assert server.stored == set(lines) - bad.keys()
    assert refused >= bad.keys()
    assert requests.confirmed + sum(p.points for p in requests.refused) == len(lines)
    if len(bad) <= 8:
        assert refused == set(bad)
        assert requests.confirmed == len(server.stored)
