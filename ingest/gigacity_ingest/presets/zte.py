"""ZTE C300, C320 and C600. OIDs and units: ZTE-AN-OPTICAL-MODULE-MIB, IF-MIB.

An uplink's index has the form of a PON port's, so ports are told by their names. The module's rate
does not say which technology it is, so ``tech`` is what the city file registered.
"""

from dataclasses import replace

from gigacity_ingest.presets.columns import Column
from gigacity_ingest.presets.definition import (
    IF_NAME,
    STATE_COLUMNS,
    TRAFFIC_COLUMNS,
    Example,
    OltPreset,
)
from gigacity_ingest.presets.onu_counting import OnuTable

_OPTICS = "1.3.6.1.4.1.3902.1082.30.40.2.4.1"
_MIB = "ZTE-AN-OPTICAL-MODULE-MIB"
_DBM = {"scale": 0.001, "sentinel": [-80000]}
_EXAMPLE = Example(
    "285278736",
    "gpon-olt_1/2/16",
    {
        "ifAdminStatus": 1,
        "ifOperStatus": 1,
        "rxPower": -80000,
        "txPower": 4870,
        "bias": 15200,
        "voltage": 3310,
        "temperature": 41250,
        "ifHCInOctets": 77,
        "ifHCOutOctets": 78,
    },
    {
        "slot": 2,
        "port": 16,
        "tech": "gpon",
        "admin": "up",
        "oper": "up",
        "tx_dbm": 4.87,
        "bias_ma": 15.2,
        "volt_v": 3.31,
        "temp_c": 41.25,
        "rx_bytes": 77,
        "tx_bytes": 78,
    },
    {"sentinel": {"rx_dbm": 1}},
)

C300 = OltPreset(
    name="zte-c300",
    title="ZTE C300, C320",
    formula="zte",
    label=IF_NAME,
    port_names=("*pon?olt?*",),
    columns=(
        *STATE_COLUMNS,
        Column(
            "rxPower", f"{_OPTICS}.2", f"{_MIB}: 0.001 dBm; -80000 is no signal", "rx_dbm", _DBM
        ),
        Column(
            "txPower", f"{_OPTICS}.3", f"{_MIB}: 0.001 dBm; -80000 is no signal", "tx_dbm", _DBM
        ),
        Column("bias", f"{_OPTICS}.5", f"{_MIB}: 0.001 mA", "bias_ma", {"unit": "uA"}),
        Column("voltage", f"{_OPTICS}.6", f"{_MIB}: 0.001 V", "volt_v", {"unit": "mV"}),
        Column(
            "temperature",
            f"{_OPTICS}.8",
            f"{_MIB}: 0.001 degrees Celsius",
            "temp_c",
            {"scale": 0.001},
        ),
        *TRAFFIC_COLUMNS,
    ),
    notes=(
        "Version 2.1 answers in two trees with two indices for one port; interfaces and optical"
        " modules are read from that of 3902.1082.",
        "ONUs are counted by port in Telegraf, which walks a column of all of them at each poll;"
        " where the OLT is too slow for it, delete the table onu and the processor.",
    ),
    onus=OnuTable(
        state=Column(
            "onuState",
            "1.3.6.1.4.1.3902.1082.500.10.2.3.8.1.4",
            "public pollers of C320: 1 logging, 2 LOS, 3 synchronising, 4 online, 5 dying gasp,"
            " 6 not authenticated, 7 offline",
        ),
        online=4,
        without_power=(5,),
        without_light=(2,),
        is_total=True,
    ),
    examples=(
        replace(
            _EXAMPLE,
            values={
                **_EXAMPLE.values,
                "onusSeen": 12,
                "onusOnline": 9,
                "onusWithoutPower": 2,
                "onusWithoutLight": 0,
            },
            port={
                **_EXAMPLE.port,
                "onu_total": 12,
                "onu_online": 9,
                "onu_off_power": 2,
                "onu_off_los": 0,
            },
        ),
    ),
)

C600 = replace(
    C300,
    name="zte-c600",
    title="ZTE C600, C620, C650",
    notes=(
        "The table of ONUs is that of C300, by public pollers that say they were tried on C600"
        " V1.2.2 and C620 V1.2.1; compare the first poll with the OLT's own terminal.",
        C300.notes[1],
    ),
    examples=(replace(C300.examples[0], label="gpon_olt-1/2/16"),),
)
