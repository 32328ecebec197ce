"""What a report says to people, in Chinese and English: one text for each thing found."""

TITLES: dict[str, tuple[str, str]] = {
    "registered": ("登记", "registered"),
    "reports": ("上报", "reports"),
    "topics": ("主题", "topics"),
    "decoding": ("解码", "decoding"),
    "fields": ("字段", "fields"),
    "retained": ("保留标志", "retained flag"),
    "qos": ("服务质量", "quality of service"),
    "birth": ("上线", "birth"),
    "will": ("遗嘱", "last will"),
    "end": ("正常下线", "orderly end"),
    "sessions": ("会话", "sessions"),
    "seq": ("序号", "sequence"),
    "instants": ("时刻", "instants"),
    "clock": ("时钟", "clock"),
    "cadence": ("周期", "cadence"),
}
"""By the check's name."""

DETAILS: dict[str, tuple[str, str]] = {
    "no_city": (
        "未给出城市文件(--city),无法核对",
        "no city file (--city), so this was not looked at",
    ),
    "registered": ("在城市文件中", "it is in the city file"),
    "unregistered": (
        "不在城市文件的这个区县里:数据会存储,但不计入指标。请登记",
        "not in this area of the city file: stored, and counted in no figure; register it",
    ),
    "reports": ("收到 {count} 条上报", "{count} report message(s) came"),
    "no_reports": (
        "没有收到任何上报:请检查设备是否连接、用户名与主题,以及 PUBACK 的原因码",
        "no report came: look whether it is connected, at user name and topic, and at the reason"
        " code in the PUBACK",
    ),
    "topics": ("所有主题都符合语法", "every topic is of the grammar"),
    "outside": (
        "不符合语法的主题:{topics}。只有 pon、telemetry、bundle 和 status",
        "topics outside the grammar: {topics}. There are pon, telemetry, bundle and status alone",
    ),
    "decoded": ("worker 的解码器全部接受", "the worker's decoder takes all of it"),
    "refused": (
        "{count} 处被拒绝,原因 {reason}:{error}",
        "{count} refused as {reason}: {error}",
    ),
    "absent": (
        "值无法使用而视为缺失:{names}。硬件不知道的字段请省略",
        "values that cannot be used count as absent: {names}. Leave out what the hardware does not"
        " know",
    ),
    "unknown": (
        "契约中没有的字段,已忽略:{names}",
        "fields that the contract does not have are ignored: {names}",
    ),
    "retained": (
        "状态是保留消息,上报不是",
        "statuses are retained, and reports are not",
    ),
    "status_not_retained": (
        "{count} 条状态没有保留标志:之后连接的人看不到它",
        "{count} status message(s) without the retained flag: whoever connects later does not see"
        " them",
    ),
    "report_retained": (
        "{count} 条上报是保留消息:每个新订阅者都会再收到旧读数。请不带保留标志发布,并清除已保留的",
        "{count} retained report(s): every new subscriber gets the old reading again. Publish"
        " without the flag, and clear what is retained",
    ),
    "qos_1": ("QoS 1", "QoS 1"),
    "qos_0": (
        "{count} 条报文以 QoS 0 发布:丢失时无人知道。请用 QoS 1",
        "{count} message(s) of QoS 0, which may be lost unseen; publish with QoS 1",
    ),
    "birth": ("会话 {session} 已上线", "session {session} was born"),
    "no_birth": (
        "没有上线消息:CONNECT 之后立即在 status 主题发布 online,QoS 1,保留",
        "no birth: publish online on the status topic right after CONNECT, QoS 1, retained",
    ),
    "will": ("会话 {session} 的遗嘱已送达", "the will of session {session} came"),
    "no_will": (
        "没有看到遗嘱:请在观察期间断开它的网络(不是正常关机),并等待两个 keepalive",
        "no will was seen: cut its network (no orderly stop) during a watch, and wait for two"
        " keepalives",
    ),
    "end": ("会话 {session} 已正常下线", "session {session} ended in an orderly way"),
    "no_end": (
        "没有看到正常下线:请在观察期间正常停止它",
        "no orderly end was seen: stop it properly during a watch",
    ),
    "strange_end": (
        "下线消息的会话 {session} 与任何上线都不同:上线、遗嘱和下线必须使用同一个 session",
        "an end names session {session}, and no birth does: birth, will and end of one connection"
        " have the same session",
    ),
    "ended": (
        "会话 {session} 已结束,上报仍在继续:重新连接之后必须以新的 session 再次上线",
        "session {session} has ended, and reports go on: after each CONNECT comes a birth with a"
        " session of its own",
    ),
    "seq": ("序号连续", "no number is missing"),
    "no_seq": (
        "{count} 条上报没有 seq:丢失无从发现",
        "{count} report(s) without seq: what is lost cannot be seen",
    ),
    "gaps": (
        "缺少 {missing} 条,{reordered} 条乱序",
        "{missing} message(s) missing, {reordered} after a later one",
    ),
    "gaps_or_losses": (
        "缺少 {missing} 条,{reordered} 条乱序;观察者自己也断过线,可能与此有关",
        "{missing} message(s) missing, {reordered} after a later one; the watch itself lost its"
        " connection, which may be why",
    ),
    "twice": (
        "{name} 的两个读数使用了同一个 ts {ts}:只有一个会保存",
        "two readings of {name} have one ts, {ts}: one of them is kept",
    ),
    "clock": (
        "最快的一条在其时刻之后 {lag} 秒到达",
        "the quickest message came {lag} s after its instant",
    ),
    "clock_ahead": (
        "时钟快了至少 {lag} 秒:请设置 NTP",
        "its clock is at least {lag} s ahead: set it (NTP)",
    ),
    "clock_behind": (
        "最快的一条也晚了 {lag} 秒:时钟慢,或上报被积压。请设置 NTP",
        "even the quickest message came {lag} s late: its clock is behind, or reports are held"
        " back; set it (NTP)",
    ),
    "cadence": (
        "{kind}:{count} 个对象按 {expected} 秒的周期上报",
        "{kind}: {count} object(s) report every {expected} s as expected",
    ),
    "short_watch": (
        "{kind}:周期为 {expected} 秒,观察时间太短",
        "{kind}: expected every {expected} s, and the watch was too short for that",
    ),
    "rare": (
        "{kind}:应每 {expected} 秒上报,{count} 个中有 {rare} 个更慢;{name} 为 {interval} 秒",
        "{kind}: expected every {expected} s, and {rare} of {count} are slower; {name} takes"
        " {interval} s",
    ),
    "silent": (
        "{kind}:应每 {expected} 秒上报,{count} 个中有 {silent} 个沉默过久;"
        "{name} 沉默了 {silence} 秒",
        "{kind}: expected every {expected} s, and {silent} of {count} were silent beyond the"
        " window; {name} for {silence} s",
    ),
}
"""By the name that ``judging`` gives; in braces what it fills in."""
