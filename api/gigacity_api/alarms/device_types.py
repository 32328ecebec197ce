"""Types of alarms of communities: carriers, devices, and what devices say of life and safety."""

from gigacity_api.alarms.alarm_types import AlarmType, Knob, XType
from gigacity_api.alarms.model import AlarmText, ResourceKind, Severity


def _safety(id_: str, name: AlarmText, severity: Severity, next_step: AlarmText) -> AlarmType:
    return AlarmType(
        id=id_,
        name=name,
        x_type=XType.ENVIRONMENT,
        kinds=(ResourceKind.DEVICE,),
        severity=severity,
        on_delay_s=0,
        off_delay_s=0,
        is_life_safety=True,
        runbook="life-safety",
        next_step=next_step,
    )


DEVICE_TYPES = (
    AlarmType(
        id="gateway.silent",
        name=AlarmText("网关静默", "gateway silent"),
        x_type=XType.COMMUNICATIONS,
        kinds=(ResourceKind.GATEWAY,),
        severity=Severity.MINOR,
        on_delay_s=60,
        runbook="gateway-silent",
        next_step=AlarmText(
            "检查网关供电与上联;重启网关", "check the gateway's mains and uplink; restart it"
        ),
    ),
    AlarmType(
        id="community.silent",
        name=AlarmText("社区全部设备静默", "every device of a community silent"),
        x_type=XType.COMMUNICATIONS,
        kinds=(ResourceKind.COMMUNITY,),
        severity=Severity.MAJOR,
        on_delay_s=60,
        runbook="community-silent",
        next_step=AlarmText(
            "先问是否停电,再查社区汇聚链路",
            "ask for a power cut first, then check the community's uplink",
        ),
    ),
    AlarmType(
        id="device.silent",
        name=AlarmText("设备静默", "devices silent"),
        x_type=XType.COMMUNICATIONS,
        kinds=(ResourceKind.GATEWAY, ResourceKind.COMMUNITY),
        severity=Severity.WARNING,
        on_delay_s=300,
        off_delay_s=300,
        knobs=(
            Knob(
                "alarm_silent_devices",
                3,
                1,
                1e6,
                "devices",
                AlarmText("同一网关下静默设备的最少数", "least silent devices of one gateway"),
            ),
            Knob(
                "alarm_silent_share",
                0.1,
                0,
                1,
                "1",
                AlarmText("占该网关设备的最小比例", "least share of the gateway's devices"),
            ),
        ),
        dead_band=AlarmText("低于门限的一半", "below half of the limit"),
        runbook="device-silent",
        next_step=AlarmText("按列表安排巡检", "put the listed devices on the next round"),
    ),
    AlarmType(
        id="device.battery_low",
        name=AlarmText("设备电量低", "batteries low"),
        x_type=XType.ENVIRONMENT,
        kinds=(ResourceKind.COMMUNITY,),
        severity=Severity.WARNING,
        on_delay_s=0,
        off_delay_s=0,
        knobs=(
            Knob(
                "alarm_battery_pct",
                10,
                0,
                100,
                "%",
                AlarmText("电量低于此值", "charge below this"),
            ),
        ),
        dead_band=AlarmText("回升5 %", "5 % back"),
        runbook="battery-low",
        next_step=AlarmText("按列表更换电池", "exchange the batteries of the list"),
    ),
    _safety(
        "safety.smoke",
        AlarmText("烟雾报警", "smoke"),
        Severity.CRITICAL,
        AlarmText(
            "立即联系社区值守确认火情并拨打119", "call the community's watch at once, and 119"
        ),
    ),
    _safety(
        "safety.gas",
        AlarmText("燃气泄漏报警", "combustible gas"),
        Severity.CRITICAL,
        AlarmText(
            "通知住户关阀通风、勿动电器,联系燃气公司抢险",
            "have people close the valve, open windows and touch no switch; call the gas company",
        ),
    ),
    _safety(
        "safety.sos",
        AlarmText("一键求助", "call for help"),
        Severity.CRITICAL,
        AlarmText("立即回拨并派网格员上门", "call back at once and send somebody"),
    ),
    _safety(
        "safety.door_forced",
        AlarmText("门禁被强行打开", "door forced"),
        Severity.MAJOR,
        AlarmText("调看相邻摄像机并通知安保", "look at the next camera and tell security"),
    ),
    _safety(
        "safety.manhole_displaced",
        AlarmText("井盖移位", "manhole cover displaced"),
        Severity.MAJOR,
        AlarmText("立即设置围挡并复位井盖", "fence it off at once and put the cover back"),
    ),
)
