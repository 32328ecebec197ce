"""ZTE C300, C320 and C600. OIDs and units: ZTE-AN-OPTICAL-MODULE-MIB, IF-MIB.

An uplink's index has the form of a PON port's, so ports are told by their names. The module's rate
does not say which technology it is, so ``tech`` is what the city file registered.
"""

from dataclasses import replace

from gigacity_ingest.presets.definition import (
    IF_NAME,
    STATE_COLUMNS,
    TRAFFIC_COLUMNS,
    Column,
    Example,
    OltPreset,
)

_OPTICS = "1.3.6.1.4.1.3902.1082.30.40.2.4.1"
_MIB = "ZTE-AN-OPTICAL-MODULE-MIB"
_DBM = {"scale": 0.001, "sentinel": [-80000]}

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
        "ONUs stand in tables of their own, which are not read.",
    ),
    examples=(
        Example(
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
        ),
    ),
)

C600 = replace(
    C300,
    name="zte-c600",
    title="ZTE C600, C650",
    notes=("ONUs stand in tables of their own, which are not read.",),
    examples=(replace(C300.examples[0], label="gpon_olt-1/2/16"),),
)
