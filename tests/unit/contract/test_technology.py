"""Technologies of a port: canonical form, and what counts as 10G."""

from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.payloads import CanonicalTech
from gigacity_contract.technology import (
    DOWNSTREAM_GBPS,
    TECHNOLOGIES,
    canonical_tech,
    is_10g,
    parse_tech,
)

sets_of_tech = st.sets(st.sampled_from(sorted(TECHNOLOGIES)), min_size=1, max_size=4)


@given(sets_of_tech)
def test_order_and_case_do_not_matter(techs: set[str]) -> None:
    tokens = sorted(techs)
    expected = "+".join(tokens)

    for order in list(permutations(tokens))[:6]:
        assert canonical_tech([t.upper() for t in order]) == expected
        assert parse_tech("+".join(order)) == expected


@pytest.mark.parametrize("tech", get_args(CanonicalTech))
def test_the_literals_of_the_payload_are_canonical(tech: str) -> None:
    """The fast path takes them as they are; another spelling would be another series."""
    assert parse_tech(tech) == tech


@pytest.mark.parametrize(
    ("tokens", "complaint"),
    [
        ([], "at least one"),
        (["gpon", "GPON"], "once"),
        (["adsl"], "unknown technology 'adsl'"),
        ([""], "''"),
    ],
)
def test_what_is_no_set_of_technologies(tokens: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        canonical_tech(tokens)


@pytest.mark.parametrize(
    ("tech", "expected"),
    [
        ("gpon", False), ("epon", False), ("xg-pon", True), ("xgs-pon", True), ("10g-epon", True),
        ("ng-pon2", True), ("25gs-pon", True), ("50g-pon", True), ("gpon+xgs-pon", True),
        ("10g-epon+epon", True), ("epon+gpon", False),
    ],
)  # fmt: skip
def test_a_port_counts_as_its_highest_technology(tech: str, expected: bool) -> None:
    assert is_10g(tech) is expected


def test_every_technology_has_a_rate() -> None:
    assert DOWNSTREAM_GBPS.keys() == TECHNOLOGIES
