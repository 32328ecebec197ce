"""Words of Grafana's alert rules: the symptom, and what it means."""

from gigacity_city.model import Name

EVALUATOR_SILENT = Name("评估已停", "The evaluator is silent")
EVALUATOR_SILENT_ABOUT = Name(
    "十分钟内没有新的评估：看板与记分卡上的数字不再更新。",
    "Nothing was evaluated for ten minutes: figures on boards and scorecard are no longer new.",
)
WORKER_SILENT = Name("没有采集进程上报", "No worker reports")
WORKER_SILENT_ABOUT = Name(
    "十分钟内没有任何采集进程写入快照：进程已停，或数据库不可用。",
    "No worker wrote a snapshot for ten minutes: they are down, or the database cannot be reached.",
)
DISCONNECTED = Name("采集进程与代理断开", "A worker has no broker session")
DISCONNECTED_ABOUT = Name(
    "消息没有丢失，由代理保存；请检查代理与网络。",
    "Nothing is lost, the broker keeps the messages; look at broker and network.",
)
UNBALANCED = Name("账目不平衡", "A ledger does not balance")
UNBALANCED_ABOUT = Name(
    "有消息或数据点去向不明：这是平台的缺陷，请保存日志并上报。",
    "A message or point is unaccounted for: a fault of the platform. Keep the log and report it.",
)
WRITE_FAILURES = Name("写入数据库失败", "Writes to the database fail")
WRITE_FAILURES_ABOUT = Name(
    "写入会重试，数据等在磁盘上；请检查数据库。",
    "Writes are retried and data wait on disk; look at the database.",
)
SPOOL = Name("磁盘积压", "Data wait on the workers' disks")
SPOOL_ABOUT = Name(
    "数据库恢复后积压会自行排空；积压持续说明数据库慢或不可用。",
    "The spool drains by itself when the database is back; one that stays means a slow or absent"
    " database.",
)
DEAD_LETTERS = Name("死信增多", "Many dead letters")
DEAD_LETTERS_ABOUT = Name(
    "十分钟内一百条以上的上报无法入库；用 gigacity deadletters list 查看原因与发送者。",
    "More than a hundred reports in ten minutes could not be stored; gigacity deadletters list"
    " names reason and sender.",
)
COUNTED = Name("死信超出额度", "Dead letters beyond their budget")
COUNTED_ABOUT = Name(
    "某个发送者或原因的死信只留摘要，无法重放；请修正发送者并导出。",
    "Of one publisher or reason only summaries are kept, which cannot be replayed; mend the sender"
    " and export.",
)
REVISIONS = Name("修订落后一小时以上", "Revisions are more than an hour behind")
REVISIONS_ABOUT = Name(
    "迟到数据很多，过去的数字要一小时以上才能修订完。",
    "Much late data came: figures of the past need more than an hour to be revised.",
)
TARGET_MISSED = Name("规划指标未达标", "A figure of the plan misses its target")
TARGET_MISSED_ABOUT = Name(
    "上界低于目标：即使未知对象全部达到也不够。",
    "Its upper bound is below the target: all that is unknown would not be enough.",
)
FEW_FRESH = Name("按时上报率低于90 %", "Less than 90 % of reporters are fresh")
FEW_FRESH_ABOUT = Name(
    "许多对象没有新鲜数据，上下界变宽；先看代理与采集进程。",
    "Many objects sent nothing fresh, and bounds grow wide; look at broker and workers first.",
)
HOMES_LOST = Name("大批家庭失去千兆", "Many homes lost gigabit access")
HOMES_LOST_ABOUT = Name(
    "半小时内失去千兆的城镇家庭变化超过一千户；从“运行现状”看板开始。",
    "More than a thousand urban households lost gigabit access, or got it back, within half an"
    " hour; begin with the board Operations now.",
)
