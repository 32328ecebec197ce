"""What simulated OLTs show by SNMP is read back by the presets, value for value."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.errors import ConfigError
from gigacity_contract.payloads import Port
from gigacity_ingest.foreign.trial import try_mapping
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.mapping.sources import ForeignSource
from gigacity_ingest.presets.catalogue import PRESETS
from gigacity_ingest.presets.definition import OltPreset
from gigacity_ingest.presets.mapping_text import mapping_text
from gigacity_simulators.models.pon import PortTruth, sample_port
from gigacity_simulators.snmp.tables import VENDORS, objects_of
from tests.support.olt_presets import as_message

NOW_MS = 1_796_066_836_000
STEPS = {"temp_c": 0.5, "bias_ma": 0.5, "volt_v": 0.005, "tx_dbm": 0.005, "rx_dbm": 0.005}
"""What is lost at most by the coarsest vendor's steps."""

Read = tuple[OltPreset, ForeignSource]
ports = st.builds(
    lambda key, slot, port, tech, oper: sample_port(
        key, slot, port, PortTruth(tech, "up" if oper == "up" else "down", oper), NOW_MS
    ),
    st.integers(0, 2**64 - 1),
    st.integers(1, 19),  # The uplink of simulated ZTEs is in slot 20.
    st.integers(1, 16),
    st.sampled_from(["gpon", "xg-pon", "xgs-pon", "epon", "gpon+xgs-pon", "10g-epon", "50g-pon"]),
    st.sampled_from(["up", "down"]),
)


def test_there_is_a_simulated_olt_for_every_preset() -> None:
    assert set(VENDORS) == set(PRESETS)


@pytest.fixture(scope="module", params=list(PRESETS))
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Read:
    preset = PRESETS[request.param]
    path: Path = tmp_path_factory.mktemp("preset") / "preset.yaml"
    path.write_text(mapping_text(preset, ["371602"], ["telegraf"], "json"), encoding="utf-8")
    (made,) = load_sources(path)
    return preset, made


@given(st.lists(ports, min_size=1, max_size=4, unique_by=lambda p: (p.slot, p.port)))
def test_ports_come_back_as_they_were(source: Read, shown: list[Port]) -> None:
    preset, made = source
    objects = objects_of(VENDORS[preset.name], shown)
    payload = as_message(preset, objects, "olt-a", NOW_MS)
    topic = f"telegraf/poller-a/{preset.name}/127.0.0.1"

    found = try_mapping(made, ForeignMessage(topic, payload, False, NOW_MS), None)

    read = {(p["slot"], p["port"]): p for row in found.explanation.stored for p in row.ports}
    assert set(read) == {(p.slot, p.port) for p in shown}
    targets = {column.target for column in preset.mapped}
    for port in shown:
        got = read[port.slot, port.port]
        assert (got["admin"], got["oper"]) == (port.admin, port.oper)
        for name, step in STEPS.items():
            value = getattr(port, name)
            if name in targets and value is not None:
                assert got[name] == pytest.approx(value, abs=step + 1e-9)
            else:
                assert name not in got
        if "tech" in targets and port.tech != "50g-pon":
            assert got["tech"] == port.tech
        if "onu_total" in targets and port.oper == "up":
            assert got["onu_total"] == port.onu_total
        for name in ("onu_online", "onu_off_power", "onu_off_los"):
            assert got.get(name) == (getattr(port, name) if name in targets else None)
        if "rx_bytes" in targets and port.oper == "up":
            assert (got["rx_bytes"], got["tx_bytes"]) == (port.rx_bytes, port.tx_bytes)


def test_equipment_that_counts_from_one_has_no_port_zero() -> None:
    port = sample_port(1, 1, 0, PortTruth("gpon", "up", "up"), NOW_MS)
    with pytest.raises(ConfigError, match="port 1/0: this equipment counts from 1"):
        objects_of(VENDORS["zte-c600"], [port])
