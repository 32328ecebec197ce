"""Huawei MA5800 and MA5600T. OIDs, units and sentinels: HUAWEI-XPON-MIB (2019-08-22).

Public pollers disagree with each other about the columns of optics, so the MIB's text is followed.
2147483647 ("query failed") is no value wherever it stands, as it is for every mapping.
"""

from gigacity_ingest.presets.columns import Column
from gigacity_ingest.presets.definition import IF_NAME, STATE_COLUMNS, Example, OltPreset
from gigacity_ingest.presets.onu_counting import OnuTable

_XPON = "1.3.6.1.4.1.2011.6.128.1.1"
_MODULE = "HUAWEI-XPON-MIB hwGponOltOpticsModuleXponType"
_ONT = "HUAWEI-XPON-MIB, public copies of its table of ONTs"
_DDM = "HUAWEI-XPON-MIB hwGponOltOpticsDdmInfo"

MA5800 = OltPreset(
    name="huawei-ma5800",
    title="Huawei MA5800, MA5600T",
    formula="huawei",
    label=IF_NAME,
    port_names=("*PON*",),
    columns=(
        *STATE_COLUMNS,
        Column(
            "xponType",
            f"{_XPON}.2.22.1.27",
            f"{_MODULE}: 5 is GPON of 10G, which is XG-PON; 6 (WDM), 7 (hybrid), 1 and -1 say no"
            " technology, so the registered one holds",
            "tech",
            {
                "map": {
                    2: "gpon",
                    3: "epon",
                    4: "10g-epon",
                    5: "xg-pon",
                    8: "epon+gpon",
                    9: "xgs-pon",
                    10: "gpon+xg-pon",
                    11: "gpon+xgs-pon",
                    15: "ng-pon2",
                },
                "sentinel": [-1, 1, 6, 7],
            },
        ),
        Column("temperature", f"{_XPON}.2.23.1.1", f"{_DDM}: degrees Celsius", "temp_c"),
        Column("voltage", f"{_XPON}.2.23.1.2", f"{_DDM}: 0.01 V", "volt_v", {"scale": 0.01}),
        Column("bias", f"{_XPON}.2.23.1.3", f"{_DDM}: mA", "bias_ma"),
        Column("txPower", f"{_XPON}.2.23.1.4", f"{_DDM}: 0.01 dBm", "tx_dbm", {"scale": 0.01}),
        Column("rxPower", f"{_XPON}.2.23.1.5", f"{_DDM}: 0.01 dBm", "rx_dbm", {"scale": 0.01}),
        Column(
            "onus",
            f"{_XPON}.2.21.1.16",
            "HUAWEI-XPON-MIB: ONTs that were added to the port, online or not; -1 is no value",
            "onu_total",
            {"sentinel": [-1]},
        ),
        Column("inOctets", f"{_XPON}.4.21.1.15", "NOC, gpon_ports: Counter64, bytes", "rx_bytes"),
        Column("outOctets", f"{_XPON}.4.21.1.30", "NOC, gpon_ports: Counter64, bytes", "tx_bytes"),
    ),
    onus=OnuTable(
        state=Column("onuState", f"{_XPON}.2.46.1.15", f"{_ONT}: run state, 1 up, 2 down, -1"),
        online=1,
        without_power=(13,),
        without_light=(1, 2),
        cause=Column(
            "onuCause",
            f"{_XPON}.2.46.1.24",
            f"{_ONT}: last down cause, 1 LOS, 2 LOSi, 13 dying gasp",
        ),
    ),
    notes=(
        "The vendor's index of XG(S)-PON cards is not published: slot and port are read from the"
        " port's name first, and from the index where there is none.",
        "ONUs are counted by port in Telegraf, which walks two columns of all of them at each poll;"
        " where the OLT is too slow for it, delete the table onu and the processor.",
    ),
    examples=(
        Example(
            "4194312960",
            "GPON 0/1/3",
            {
                "ifAdminStatus": 1,
                "ifOperStatus": 1,
                "xponType": 11,
                "temperature": 43,
                "voltage": 329,
                "bias": 16,
                "txPower": 412,
                "rxPower": 2147483647,
                "onus": 37,
                "inOctets": 900719925474,
                "outOctets": 4503599627370,
                "onusOnline": 34,
                "onusWithoutPower": 2,
                "onusWithoutLight": 1,
            },
            {
                "slot": 1,
                "port": 3,
                "tech": "gpon+xgs-pon",
                "admin": "up",
                "oper": "up",
                "temp_c": 43,
                "volt_v": 3.29,
                "bias_ma": 16,
                "tx_dbm": 4.12,
                "onu_total": 37,
                "onu_online": 34,
                "onu_off_power": 2,
                "onu_off_los": 1,
                "rx_bytes": 900719925474,
                "tx_bytes": 4503599627370,
            },
            {"sentinel": {"rx_dbm": 1}},
        ),
        Example(
            "4194304000",
            "",
            {"ifAdminStatus": 1, "ifOperStatus": 7, "xponType": -1, "onus": 0},
            {
                "slot": 0,
                "port": 0,
                "tech": "gpon",
                "admin": "up",
                "oper": "down",
                "onu_total": 0,
            },
            {"sentinel": {"tech": 1}},
        ),
    ),
)
