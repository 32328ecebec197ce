"""Every word of the pages in Chinese and English: one catalogue. Pure.

Names of figures, formulas and reasons are the registry's; only what pages add stands here.
"""

from types import MappingProxyType
from typing import Literal

from gigacity_city.model import Name

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

UNITS: dict[str, Name] = {
    "ratio": Name("", ""),
    "ports": Name("个端口", "ports"),
    "scenarios": Name("个场景", "scenarios"),
    "items": Name("项", "items"),
    "factories": Name("家", "factories"),
    "labs": Name("家", "labs"),
    "platforms": Name("个", "platforms"),
    "stations per 10,000": Name("个/万人", "stations per 10,000 people"),
}
"""Units of figures; of a ratio the percent sign is enough."""

VERDICTS: dict[str, tuple[str, Name]] = {
    "met": ("✓", Name("已达标", "met")),
    "missed": ("✕", Name("未达标", "missed")),
    "undetermined": ("?", Name("无法判定", "undetermined")),
    "no_target": ("–", Name("未设目标", "no target")),
}
"""Sign and word of each verdict; the sign says it without colour."""

COUNTED: dict[str, Name] = {
    "port": Name("个端口", "ports"),
    "building": Name("户", "households"),
    "community": Name("个社区", "communities"),
    "device": Name("台设备", "devices"),
}
"""What numerators and denominators count, by the subject of a figure."""

_WORDS: dict[str, tuple[str, str]] = {
    # The frame of every page.
    "product": ("数字基础设施覆盖记分卡", "Digital infrastructure scorecard"),
    "skip": ("跳到正文", "Skip to the content"),
    "home": ("记分卡", "Scorecard"),
    "areas": ("区县", "Areas"),
    "report": ("月报", "Monthly report"),
    "methods": ("方法", "Methods"),
    "data": ("数据下载", "Data"),
    "other_language": ("English", "中文"),
    "as_of": ("截至", "As of"),
    "zone": ("北京时间", "Beijing time"),
    "next": ("约每{seconds}秒更新一次", "renewed about every {seconds} seconds"),
    "updated": ("已更新，截至{moment}", "Renewed: as of {moment}"),
    "synthetic": (
        "演示数据：地名与规则真实，社区、住户、端口与设备均为虚构。",
        "Made-up data: names and rules are real, communities, homes, ports and devices are not.",
    ),
    "late": (
        "自{moment}起没有新的评估，本页显示的是该时刻的数值，可能已经变化。",
        "Nothing has been evaluated since {moment}. This page shows the figures of that moment;"
        " they may have changed since.",
    ),
    "versions": (
        "城市版本{city} · 软件版本{software}", "city version {city} · software {software}",
    ),
    "licence": ("使用许可", "Licence"),
    "no_licence": ("未声明使用许可", "no licence is stated"),
    "no_figure": ("无此数值", "no figure"),
    "spark": ("近31天", "last 31 days"),
    "none_registered": ("没有登记对象", "nothing is registered here"),
    "colon": ("：", ": "),
    "comma": ("，", ", "),
    "semicolon": ("；", "; "),
    "stop": ("。", ". "),
    "open": ("（", " ("),
    "close": ("）", ")"),
    # Figures.
    "value": ("数值", "value"),
    "bounds": ("上下界", "bounds"),
    "between": ("{lower}至{upper}之间", "between {lower} and {upper}"),
    "to": ("{lower}至{upper}", "{lower} to {upper}"),
    "target": ("目标", "target"),
    "target_least": ("不低于{value}", "at least {value}"),
    "target_most": ("不高于{value}", "at most {value}"),
    "known_least": ("至少", "at least"),
    "due": ("期限{due}", "due {due}"),
    "unconfirmed": ("待核实", "unconfirmed"),
    "of_all": ("{part} / {whole}{unit}", "{part} of {whole} {unit}"),
    "unknown": ("未知", "unknown"),
    "unknown_count": ("其中{count}未知", "{count} unknown"),
    "all_known": ("全部已知", "all known"),
    "quality": ("数据质量", "data quality"),
    "grade": ("{grade}级", "grade {grade}"),
    "fresh": ("{share}的设备按时上报", "{share} of the reporters are up to date"),
    "no_reporter": ("不依赖上报", "rests on no reports"),
    "verdict": ("判定", "verdict"),
    "place": ("地区", "place"),
    "figure": ("指标", "figure"),
    "measured": ("实测", "measured"),
    "reported": ("填报", "reported"),
    "reported_line": ("部门填报{value}（截至{day}）", "an office reported {value} (as of {day})"),
    "details": ("详情", "details"),
    "source": ("来源", "source"),
    "permalink_short": ("固定链接", "permalink"),
    "permalink": ("固定链接（本时刻的数值）", "permalink to this figure as published"),
    # Home.
    "plan": ("对照目标", "Against the targets"),
    "operating": ("其他指标", "Further figures"),
    "office_only": ("仅由部门填报的指标", "Figures that only offices report"),
    "not_reported": ("尚未填报", "not reported yet"),
    "summary": (
        "设有目标的{total}项实测指标中：{met}项已达标，{missed}项未达标，{undetermined}项无法判定。",
        "Of {total} measured figures with a target: {met} met, {missed} missed, {undetermined}"
        " undetermined.",
    ),
    # Map.
    "map": ("各区县一览", "The areas at a glance"),
    "map_of": ("{figure}：各区县判定", "{figure}: the verdict of each area"),
    "map_note": (
        "方格示意图：每格一个区县或开发区，仅示意相对方位，不表示边界。",
        "A tile for each area, in rough compass position; it shows no boundaries.",
    ),
    "map_reviewed": ("审图号：{number} · 来源：{source}", "Map review {number} · source: {source}"),
    "map_choose": ("选择指标", "Choose a figure"),
    "map_table": ("同样内容的表格", "The same as a table"),
    "matrix": ("区县对照表", "Every area against every target"),
    "matrix_note": (
        "符号：✓ 已达标，✕ 未达标，? 无法判定，– 未设目标。",
        "Signs: ✓ met, ✕ missed, ? undetermined, – no target.",
    ),
    # One figure.
    "path": ("数值从何而来", "Where this number comes from"),
    "path_counts": (
        "已知达标{known_in}，已知不达标{known_out}，未知{unknown}；登记总数{whole}。",
        "{known_in} are known to count, {known_out} known not to, {unknown} unknown;"
        " {whole} are registered.",
    ),
    "path_bounds": (
        "下界把未知全部计为不达标，上界全部计为达标；只有两端一致时才判定。",
        "The lower bound counts everything unknown as out, the upper as in; a verdict is given"
        " only where both agree.",
    ),
    "path_half": (
        "已知部分不足一半，因此显示上下界而不是数值。",
        "Less than half is known, so that the bounds stand in the value's place.",
    ),
    "path_areas": (
        "各区县相加即为全市：分子、分母逐项相加，从不平均比率。",
        "The areas add up to the city: numerators and denominators are added, ratios never"
        " averaged.",
    ),
    "path_reasons": ("按原因", "By reason"),
    "reason": ("原因", "reason"),
    "objects": ("对象数", "objects"),
    "weight": ("计入数", "counted as"),
    "counts_in": ("计入", "in"),
    "counts_out": ("不计入", "out"),
    "path_objects": (
        "逐个对象的明细（端口、楼栋、设备）不公开；持密钥可在此查询：",
        "The single objects (ports, buildings, devices) are not public; with a key they are at",
    ),
    "sum": ("合计", "sum"),
    "numerator": ("分子", "numerator"),
    "denominator": ("分母", "denominator"),
    "formula": ("公式", "formula"),
    "window": ("上报有效期", "how long a report counts"),
    "standard": ("依据", "asked for by"),
    "method_version": ("方法版本", "method version"),
    "effective": ("{version}，自{day}起", "{version}, since {day}"),
    "uses": ("用到的参数", "numbers that the formula uses"),
    "trend": ("走势与预测", "Trend and outlook"),
    "trend_of": ("{figure}：每日数值、上下界与目标", "{figure}: daily values, bounds and target"),
    "trend_none": ("还没有每日数值。", "There are no daily values yet."),
    "trend_away": (
        "目前无法读取历史数据；数值本身不受影响。",
        "The history cannot be read at present; the figure itself is not affected.",
    ),
    "trend_method": (
        "预测：日值两两斜率的中位数（Theil-Sen），90%区间。",
        "Forecast: median of pairwise slopes (Theil-Sen) with a 90 % interval.",
    ),
    "day": ("日期", "day"),
    "forecast": ("预测", "forecast"),
    "revisions": ("修订", "Revisions"),
    "revisions_none": (
        "最近24小时内没有修订。", "Nothing was revised in the last 24 hours.",
    ),
    "revisions_some": (
        "最近24小时内有{count}个时刻的数值因迟到的上报而修订；最近的几次：",
        "In the last 24 hours the figure of {count} instants was published again; the newest:",
    ),
    "revisions_by_day": ("按日查看以前的修订", "Older revisions, by day"),
    "revisions_of_day": ("{figure}：{day}的修订", "{figure}: revisions of {day}"),
    "revisions_how": (
        "当日因迟到的上报而再次发布的时刻；点击时刻可见当时与现在的数值。",
        "Instants that were published again on this day, since reports arrived late. Each leads to"
        " what was published then and what is known now.",
    ),
    "revisions_day_count": ("{count}个时刻。", "{count} instants."),
    "revisions_cut": ("只显示当日最先的{count}次。", "The first {count} of the day are shown."),
    "revisions_day_none": ("当日没有修订。", "Nothing was revised on this day."),
    "revision_short": ("修订次数", "revision"),
    "day_before": ("前一天", "day before"),
    "day_after": ("后一天", "day after"),
    "trend_area": ("走势", "Trend"),
    "trend_from": ("{day}为{then}，现为{now}", "{then} on {day}, {now} on the newest day"),
    "ask": ("询问或提出异议", "Ask, or object"),
    "ask_how": (
        "认为这个数值有误，或想了解其依据？请附上固定链接：它写明时刻、城市版本与方法版本，"
        "任何人都能看到当时发布的数值与修订。异议本身不会改动数值；若补报了数据或更正了登记信息，"
        "数值会重新计算，原值仍保留。",
        "Is this figure wrong in your eyes, or do you want to know more? Name its permalink, which"
        " says instant, city version and method, so that everybody sees what was published and"
        " how it was revised. An objection changes no figure by itself: data that is sent later,"
        " or a register that is mended, does, and what was published is kept.",
    ),
    "ask_link": ("联系负责部门", "Write to the office in charge"),
    "ask_subject": ("关于{figure}（{moment}）", "About {figure} ({moment})"),
    "ask_body": (
        "指标：{figure}\n数值：{value}\n时刻：{moment}\n固定链接：{link}\n\n我的问题或异议：\n",
        "Figure: {figure}\nValue: {value}\nInstant: {moment}\nPermalink: {link}\n\n"
        "My question or objection:\n",
    ),
    "revised_at": ("发布于", "published at"),
    "revision_number": ("第{number}次修订", "revision {number}"),
    "first_publication": ("首次发布", "first publication"),
    "gap": ("填报与实测", "Reported and measured"),
    "targets": ("目标与来源", "Target and source"),
    # Places.
    "communities": ("社区", "Communities"),
    "smart": ("智慧社区", "smart community"),
    "standard_title": ("智慧社区标准", "The smart-community standard"),
    "item": ("条目", "item"),
    "threshold": ("要求", "asked"),
    "not_required": ("不作要求", "not required"),
    "communities_total": ("共{count}个社区", "{count} communities"),
    "few": (
        "对象少于{count}个的指标不公开。",
        "Figures over fewer than {count} objects are not public.",
    ),
    "nothing_public": ("没有可公开的指标。", "No figure of this place is public."),
    # Methods.
    "methods_intro": (
        "每个数值都由设备上报按下列规则计算。缺失从不算作零：没有及时上报的对象是“未知”，"
        "并以上下界表示其影响。",
        "Every number is computed from what devices report, by the rules below. What is missing is"
        " never zero: an object without a timely report is unknown, and the bounds show what"
        " difference it could make.",
    ),
    "methods_verdict": (
        "判定：下界达到目标为“已达标”，上界达不到目标为“未达标”，其余为“无法判定”。"
        "百分数朝判定方向截取：目标100%时，99.996%显示为99.99%。",
        "Verdict: met if the lower bound reaches the target, missed if the upper bound does not,"
        " else undetermined. A percentage is never rounded onto a target that it does not have:"
        " 99.996 % of a target of 100 % is shown as 99.99 %.",
    ),
    "methods_quality": (
        "数据质量：按时上报的设备比例不低于98%为A，90%为B，70%为C，其余为D；"
        "未登记或自相矛盾的上报超过1%各降一级。",
        "Quality: A from 98 % of the reporters up to date, B from 90 %, C from 70 %, else D; more"
        " than 1 % of unregistered or contradictory reporters lower it by one each.",
    ),
    "methods_revision": (
        "修订：迟到的上报会使已发布的时刻重新计算；原来发布的数值永久保留，固定链接同时显示两者。",
        "Revision: reports that arrive late make a published instant be computed again; what was"
        " published is kept for ever, and a permalink shows both.",
    ),
    "not_assessed": ("标准中未评估的条目", "Items of the standard that are not assessed"),
    # Data.
    "data_intro": (
        "以下文件包含全市与各区县的全部公开指标，无需登录，始终为最新一次评估。",
        "These files hold every public figure of the city and its areas, at the newest evaluation;"
        " no login is needed.",
    ),
    "data_all": ("全部公开指标", "All public figures"),
    "data_one": ("单个指标（含区县与每日数值）", "One figure, with its areas and daily values"),
    "data_daily": ("每日CSV", "daily CSV"),
    "data_catalogue": ("数据目录（DCAT）", "Catalogue (DCAT)"),
    "data_feed": ("新数值订阅（Atom）", "Feed of new figures (Atom)"),
    "data_cite": ("引用", "Citation"),
    "cite": (
        "{city}，{product}，截至{moment}，城市版本{version}。",
        "{city}: {product}, as of {moment}, city version {version}.",
    ),
    # Report.
    "report_title": ("{city}数字基础设施月报", "{city}: monthly report on digital infrastructure"),
    "report_month": ("{year}年{month}月", "{month}/{year}"),
    "report_end": ("月末值", "at the end"),
    "report_so_far": ("截至目前", "so far"),
    "report_before": ("上月末", "month before"),
    "report_change": ("变化", "change"),
    "points": ("{change}个百分点", "{change} pp"),
    "report_range": ("月内最低–最高", "least – greatest"),
    "report_none": ("本月没有每日数值。", "There are no daily values of this month."),
    "report_areas": ("区县判定（当前）", "Verdicts of the areas (now)"),
    "report_areas_end": ("区县判定（月末）", "Verdicts of the areas (at the end of the month)"),
    "report_notes": (
        "数值为当日最后一次评估；已知不足一半时显示上下界。方法与原始数值见网页。",
        "Values are the last of a day; where less than half is known, the bounds are shown."
        " Methods and data are on the site.",
    ),
    "previous_month": ("上一月", "previous month"),
    "next_month": ("下一月", "next month"),
    "print": (
        "用浏览器的打印功能可存为PDF（A4一页）。", "Print it, or save it as PDF: one A4 page.",
    ),
    # Permalink.
    "then_title": ("{figure}：当时发布的数值", "{figure} as published"),
    "then_instant": ("所指时刻", "instant"),
    "then_published": ("当时发布", "as published"),
    "then_today": ("同一时刻，现在的数值", "the same instant, as known today"),
    "then_now": ("最新一次评估", "the newest evaluation"),
    "then_same": (
        "与当时发布的数值一致。", "What was published then still holds.",
    ),
    "then_changed": (
        "该时刻的数值后来被修订：", "The figure of this instant was revised since:",
    ),
    "cause_method_version": ("计算方法改变", "the method changed"),
    "cause_city_version": ("城市登记信息改变", "the city file changed"),
    "cause_late_data": ("迟到的上报到达", "reports arrived late"),
    "then_other_city": (
        "链接所写的城市版本{version}与当时发布的不同。",
        "The link names the city version {version}; what was published has another.",
    ),
    "then_other_method": (
        "链接所写的方法版本{version}与当时发布的不同。",
        "The link names the method version {version}; what was published has another.",
    ),
    "published_moment": ("发布时间", "published"),
    # Errors.
    "error_404": ("没有这个页面", "There is no such page"),
    "error_404_more": (
        "该指标、地区或月份不存在，或未公开。",
        "This figure, place or month does not exist, or is not public.",
    ),
    "error_503": ("目前无法显示", "This cannot be shown at present"),
    "error_waiting": (
        "还没有任何评估。第一次评估通常在启动后一两分钟内完成，本页会自动更新。",
        "Nothing has been evaluated yet. The first evaluation comes a minute or two after the"
        " start; this page renews itself.",
    ),
    "error_busy": (
        "请求过多，请稍后再试。", "Too many people are asking at present; try again in a moment.",
    ),
    "error_database": (
        "目前无法读取历史数据，请稍后再试。",
        "The history cannot be read at present; try again later.",
    ),
    "back": ("返回记分卡", "Back to the scorecard"),
}  # fmt: skip

WORDS: MappingProxyType[str, Name] = MappingProxyType(
    {key: Name(*both) for key, both in _WORDS.items()}
)
"""By key; braces are filled by whoever shows it."""


class Words:
    """The catalogue in one language: ``t.home``, ``t("late", moment=...)``."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __getattr__(self, key: str) -> str:
        """A text without blanks to fill.

        Raises:
            AttributeError: there is none of that name.
        """
        try:
            return self.of(WORDS[key])
        except KeyError:
            raise AttributeError(f"the pages have no text {key!r}") from None

    def __call__(self, key: str, **given: object) -> str:
        """A text with its blanks filled."""
        return self.of(WORDS[key]).format(**given)

    def heading(self, name: Name) -> str:
        """A name where a line begins."""
        text = self.of(name)
        return text[:1].upper() + text[1:]

    def of(self, name: Name | None) -> str:
        """A bilingual name in this language."""
        if name is None:
            return ""
        return name.zh if self.language == "zh" else name.en
