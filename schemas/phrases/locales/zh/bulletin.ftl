### Bulletin: a frozen bulletin as it is printed. Of a sentence each clause has one figure, `printed`, with its counting unit.

print-heading = { $place } { $name }
print-as-of = （截至{ $day }）
# A day; `iso` is 2026-03-09.
print-day = { $year }年{ $month }月{ $of_month }日
print-draft = （送审稿，未经审定）
print-corrects = （本期更正 { $id }）
print-comma = ，
print-stop = 。
print-more = { $number }余
print-differs = 注：上文“{ $printed }”按拟稿人要求印出，实计{ $counted }。
print-yuan = { $amount }元
# How many yuan the unit of large amounts has; 1 where a language counts in yuan alone.
print-large-unit = 10000
print-large = { $amount }万元
print-large-more = { $amount }万余元
# The same of an amount that ends in a nought.
print-large-more-round = { $amount }余万元
print-section = { $n ->
    [1] 一
    [2] 二
    [3] 三
   *[4] 四
}、
print-by-area = 分地区情况
print-area = 地区
print-total = 合计
print-by-department = 分部门线索
print-department = 部门
print-leads = 线索（条）
print-counted-once = 注：一条线索涉及多个部门的，在各部门下分别列出，总数只计一次。
print-overdue = 逾期未办：{ $n }份
print-overdue-in = { "　" }{ $place } { $n }份
print-rests-on = 数据说明：按事件发生时间统计，自{ $from }至{ $to }，以冻结时各级台账已收到的记录为准；计量单位不作换算；程序版本 { $version }。

clause-person_times = 共出动{ $printed }
clause-visits = 检查{ $printed }
clause-institutions = 排查机构{ $printed }
clause-rounds = 开展排查{ $printed }
clause-raw_reports = 收到反映{ $printed }
clause-leads = 归并形成线索{ $printed }
clause-substantiated = 查证属实{ $printed }
clause-not_substantiated = 不属实{ $printed }
clause-hidden_variant_occasions = 查处隐形变异培训{ $printed }
clause-hidden_variant_institutions = 涉及{ $printed }
clause-orders = 下达责令整改通知书{ $printed }
clause-violators = 涉及违规机构{ $printed }
clause-notices = 发出整改通知书{ $printed }
clause-public_notices = 发布通告{ $printed }
clause-hazards = 发现安全隐患{ $printed }
clause-hazards_fixed = 已整改隐患{ $printed }
clause-penalised = 行政处罚{ $printed }
clause-suspended = 责令停办{ $printed }
clause-refund_fen = 督促退费{ $printed }
clause-due = 到期整改件{ $printed }
clause-cleared = 已销号{ $printed }
clause-cleared_on_time = 其中按期完成{ $printed }
clause-overdue = 逾期未办{ $printed }
clause-reopened = 反弹{ $printed }
clause-tasks_issued = 下发排查任务{ $printed }
clause-tasks_accepted = 已接收{ $printed }
clause-tasks_submitted = 已提交{ $printed }
clause-tasks_overdue = 逾期{ $printed }
clause-reminders = 催办{ $printed }
clause-escalations = 逐级督办{ $printed }

unit-person_times = 人次
unit-visits = 家次
unit-institutions = 家
unit-rounds = 轮
unit-raw_reports = 条
unit-leads = 条
unit-substantiated = 条
unit-not_substantiated = 条
unit-hidden_variant_occasions = 次
unit-hidden_variant_institutions = 家
unit-orders = 份
unit-violators = 家
unit-notices = 份
unit-public_notices = 期
unit-hazards = 处
unit-hazards_fixed = 处
unit-penalised = 家
unit-suspended = 家
unit-refund_fen = 元
unit-due = 份
unit-cleared = 份
unit-cleared_on_time = 份
unit-overdue = 份
unit-reopened = 起
unit-tasks_issued = 项
unit-tasks_accepted = 项
unit-tasks_submitted = 项
unit-tasks_overdue = 项
unit-reminders = 次
unit-escalations = 次

column-person_times = 人次
column-visits = 家次
column-institutions = 机构
column-leads = 线索
column-substantiated = 属实
column-orders = 责令整改
column-due = 到期
column-cleared = 销号
column-overdue = 逾期
