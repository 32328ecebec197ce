"""FiberHome AN5516. OIDs and units: GEPON-OLT-COMMON-MIB; index: its SNMP interface specification.

0 in place of a level is "no value" to public pollers; the MIB does not say so (unconfirmed).
"""

from gigacity_ingest.presets.columns import Column
from gigacity_ingest.presets.definition import Example, OltPreset
from gigacity_ingest.presets.onu_counting import OnuTable

_PORT = "1.3.6.1.4.1.5875.800.3.9.3.4.1"

_HUNDREDTH = {"scale": 0.01, "sentinel": [0]}

AN5516 = OltPreset(
    name="fiberhome-an5516",
    title="FiberHome AN5516",
    formula="fiberhome",
    label=f"{_PORT}.2",
    port_names=("*PON*",),
    columns=(
        Column(
            "enabled",
            f"{_PORT}.4",
            "GEPON-OLT-COMMON-MIB: 1 enabled, 0 not",
            "admin",
            {"map": {1: "up", 0: "down"}},
        ),
        Column(
            "online",
            f"{_PORT}.5",
            "GEPON-OLT-COMMON-MIB: 1 if an authorised ONU is online on it, 0 if none is",
            "oper",
            {"map": {1: "up", 0: "down"}},
        ),
        Column("txPower", f"{_PORT}.8", "GEPON-OLT-COMMON-MIB: 0.01 dBm", "tx_dbm", _HUNDREDTH),
        Column("voltage", f"{_PORT}.9", "GEPON-OLT-COMMON-MIB: 0.01 V", "volt_v", _HUNDREDTH),
        Column("bias", f"{_PORT}.10", "GEPON-OLT-COMMON-MIB: 0.01 mA", "bias_ma", _HUNDREDTH),
        Column(
            "temperature",
            f"{_PORT}.11",
            "GEPON-OLT-COMMON-MIB: 0.01 degrees Celsius",
            "temp_c",
            _HUNDREDTH,
        ),
        Column("onus", f"{_PORT}.12", "GEPON-OLT-COMMON-MIB: authorised ONUs", "onu_total"),
    ),
    notes=(
        "A port without an authorised ONU that is online reads as down, healthy or not.",
        "The table does not say the technology, so it is what the city file registered.",
        "An ONU that is not online may have left with a dying gasp (2); whether another one has"
        " lost its light, public sources say differently, so those are not counted apart.",
        "ONUs are counted by port in Telegraf, which walks a column of all of them at each poll;"
        " where the OLT is too slow for it, delete the table onu and the processor.",
    ),
    onus=OnuTable(
        state=Column(
            "onuState",
            "1.3.6.1.4.1.5875.800.3.10.1.1.11",
            "GEPON-OLT-COMMON-MIB authOnuListTable: 1 online; of AN5516 2 power cut, 0 fibre cut,"
            " 3 offline, which public pollers read otherwise",
        ),
        online=1,
        without_power=(2,),
        without_light=(),
        onu_bits=19,
    ),
    examples=(
        Example(
            "371195904",
            "PON 11/4",
            {
                "enabled": 1,
                "online": 1,
                "txPower": 521,
                "voltage": 331,
                "bias": 1520,
                "temperature": 4150,
                "onus": 18,
                "onusOnline": 15,
                "onusWithoutPower": 2,
            },
            {
                "slot": 11,
                "port": 4,
                "tech": "gpon",
                "admin": "up",
                "oper": "up",
                "tx_dbm": 5.21,
                "volt_v": 3.31,
                "bias_ma": 15.2,
                "temp_c": 41.5,
                "onu_total": 18,
                "onu_online": 15,
                "onu_off_power": 2,
            },
        ),
    ),
)
