"""Chinese texts of problems: of every slug, and of the usual faults of input. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

PROBLEMS: dict[str, tuple[str, str]] = {
    "bad-cursor": ("不是有效的游标", "请原样传回上一页的 next_cursor,并保持路径和过滤条件不变"),
    "bad-request": ("请求有误", "请求体无法解析,例如表单不完整"),
    "missing-key": (
        "需要 API 密钥",
        "请发送 Authorization: Bearer <密钥>;`gigacity credentials api-key` 可生成",
    ),
    "unknown-key": ("未知的 API 密钥", "密钥文件中没有该密钥:可能输入有误、已更换或已撤销"),
    "void-ticket": ("票据无效", "票据限用一次,60 秒内有效;POST /api/v1/stream/tickets 可获取"),
    "scope-missing": ("密钥无此权限", "密钥缺少该接口所需的权限"),
    "key-bounded": ("密钥不可填报该数据", "密钥文件限定了该密钥可填报的指标或地区"),
    "not-found": ("未找到", "没有这样的路径"),
    "unknown-indicator": ("没有这样的指标", "GET /api/v1/definitions 列出全部指标"),
    "unknown-figure": ("没有这样的数值", "该指标在此层级或代码下没有数值"),
    "no-map": ("城市未提供边界", "请把经审核的 map.geojson(含审图号)放入城市文件夹"),
    "unknown-area": ("没有这样的区县", "城市文件中没有该代码的区县"),
    "unknown-community": ("没有这样的社区", "城市文件中没有该代码的社区"),
    "unknown-olt": ("没有这样的OLT", "城市文件中没有该编号的OLT"),
    "unknown-device": ("没有这样的设备", "城市文件的该社区中没有该编号的设备"),
    "unknown-port": ("没有这样的端口", "城市文件中该OLT没有这样的端口"),
    "unknown-kind": ("没有这样的类别", "GET /api/v1/kinds 列出设备类别"),
    "no-report": ("并非既有实测又有填报", "没有部门填报该数据,因此无可比较"),
    "no-entry": (
        "没有这样的填报",
        "没有部门填报过该指标当日的数据;GET /api/v1/reports 列出全部填报",
    ),
    "not-published": ("该时刻没有发布任何数值", "请取某项数值的历史中列出的时刻"),
    "unknown-alarm": ("没有这样的告警", "GET /api/v1/alarms?state=all 列出所保留的告警"),
    "method-not-allowed": ("不支持的方法", "响应头 Allow 列出可用的方法"),
    "idempotency-in-progress": (
        "该请求仍在处理",
        "带同一 Idempotency-Key 的首次请求尚无应答,请稍后再试",
    ),
    "evaluation-gone": ("该次计算已不再保留", "列表所指的时刻已不再保留,请去掉 cursor 重新开始"),
    "content-too-large": ("内容过大", "请求体最多 2,200,000 字节,其中填报表格最多 2,000,000 字节"),
    "export-too-large": ("行数超出 XLSX 的上限", "请取 format=csv,或缩小范围"),
    "invalid-request": ("请求无效", "某个参数或字段有误或未知;errors 逐一说明"),
    "report-refused": ("未存储任何内容", "errors 指明每个有误的字段,表格中指明行和列"),
    "idempotency-key-reused": (
        "该 Idempotency-Key 属于另一请求",
        "一个键对应一个请求体;新请求请用新的键",
    ),
    "as-of-out-of-range": ("无法重算该时刻", "该时刻尚未结算,或早于所保留的原始数据"),
    "as-of-busy": ("正在重算其他时刻", "同时只重算一个时刻,请几秒后再试"),
    "too-many-windows": ("检修窗口过多", "最多保留 1,000 个未结束的窗口;请先取消一个"),
    "too-many-exports": ("同时进行的导出过多", "请几秒后再试"),
    "too-many-uploads": ("同时进行的上传过多", "请几秒后再试"),
    "too-many-subscribers": ("订阅过多", "名额已满;请改用 /api/v1/indicators"),
    "too-many-requests": ("同一密钥同时进行的请求过多", "请等待正在处理的请求;每个密钥有其份额"),
    "work-used-up": (
        "该密钥的计算份额已用完",
        "大型列表和导出消耗份额,份额随时间恢复;见 Retry-After",
    ),
    "headers-too-large": ("请求头过大", "请求行和请求头合计最多 16 kB"),
    "request-timeout": ("请求接收超时", "请求头未及时到达;请一次发送"),
    "internal-error": ("内部错误", "服务自身的故障;其日志有更多说明"),
    "evidence-elsewhere": ("此处没有证据", "本进程以 --no-evaluate 运行;请到进行计算的进程查询"),
    "alarms-elsewhere": ("请到别处处理告警", "本进程只提供查询;请到进行计算的进程处理"),
    "reports-elsewhere": ("请到别处填报", "本进程只提供查询;请到进行计算的进程填报"),
    "public-busy": ("公开页面访问过多", "无密钥的访问者共用服务的一小部分,请几秒后再试"),
    "not-evaluated-yet": ("尚无数值", "首次计算尚未完成"),
    "database-unavailable": ("数据库暂时无法应答", "请稍后再试"),
    "as-of-called-off": (
        "重算已取消",
        "耗时过长、内存不足、请求方已离开,或负责回答的进程已结束或无法启动",
    ),
}
"""Title and meaning by slug."""

_FAULTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "缺少该项",
    "extra_forbidden": lambda _: "未知项",
    "int_parsing": lambda _: "应为整数",
    "int_type": lambda _: "应为整数",
    "int_from_float": lambda _: "应为整数",
    "float_parsing": lambda _: "应为数字",
    "float_type": lambda _: "应为数字",
    "finite_number": lambda _: "应为有限的数字",
    "bool_parsing": lambda _: "应为 true 或 false",
    "string_type": lambda _: "应为文字",
    "json_invalid": lambda _: "不是有效的 JSON",
    "model_attributes_type": lambda _: "应为 JSON 对象",
    "list_type": lambda _: "应为列表",
    "datetime_parsing": lambda _: "应为 RFC 3339 时间,例如 2026-11-24T10:00:00+08:00",
    "datetime_from_date_parsing": lambda _: "应为 RFC 3339 时间,例如 2026-11-24T10:00:00+08:00",
    "enum": lambda c: f"应为以下之一:{c.get('expected', '')}".replace(" or ", "、"),
    "literal_error": lambda c: f"应为以下之一:{c.get('expected', '')}".replace(" or ", "、"),
    "greater_than_equal": lambda c: f"不得小于 {c.get('ge')}",
    "less_than_equal": lambda c: f"不得大于 {c.get('le')}",
    "string_too_long": lambda c: f"最多 {c.get('max_length')} 个字符",
    "string_too_short": lambda c: f"至少 {c.get('min_length')} 个字符",
    "string_pattern_mismatch": lambda _: "格式不符",
}


def fault(kind: str, context: Mapping[str, Any] | None) -> str:
    """What is wrong with an input, by pydantic's name for it; the general words for rare ones."""
    text = _FAULTS.get(kind)
    return "取值有误" if text is None else text(context or {})


def is_wanted(accept_language: str) -> bool:
    """Whether an ``Accept-Language`` prefers Chinese to English, which is spoken otherwise."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in accept_language.split(","):
        name, _, rest = part.strip().partition(";")
        language = name.split("-")[0].lower()
        try:
            weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            weight = 0.0
        if language in weights:
            weights[language] = max(weights[language], weight)
    return weights["zh"] > weights["en"]
