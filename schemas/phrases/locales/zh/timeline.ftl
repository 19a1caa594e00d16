### Timeline: one whole sentence for each thing that happened, as a timeline is printed. Cards have shorter ones in `told.ftl`.

happened-noted = ：{ $text }
happened-coded = （{ $codes }）
happened-nobody = 无人
happened-assisted = ，{ $departments }配合
happened-revisit-of = （{ $first } 的复访）
happened-revisit = ；未开门的转 { $next } 复访
happened-again = （第 { $generation } 次）
happened-amount = ，{ $yuan } 元
happened-hazards = ，发现隐患 { $found } 处，已整改 { $fixed } 处
happened-proposed = ；分派表建议：{ $rule }
happened-routed-by-hand = 分办员指定，分派表无对应行
happened-rule = 第 { $row } 行：{ $violation }，{ $training }（{ $of } 的分派表）
# Why a step of the ladder goes to whom it goes.
happened-because = { $on } 应在 { $due } 前{ $undone }，至今未办；自 { $since } 起由 { $whose } 负责。{ $level } 级催办在期限后 { $after } 个工作日，通知 { $targets }。
happened-list = { $most }和{ $last }
happened-department = 部门 { $department }
happened-post = 哨点 { $post } 负责人
happened-role = 本辖区的{ $role }

happened-batch-confirmed = 批次 { $batch }（{ $name }）已确认，共 { $count } 项任务
happened-batch-recounted = 名册有变，批次 { $batch } 现为 { $count } 项任务
happened-batch-issued = 批次 { $batch } 已下发，共 { $count } 项任务
happened-task-issued = { $task } 下发，{ $rows } 户{ $revisited }，邀请 { $offered }
happened-task-offered = { $task } 邀请 { $to }：{ $reason ->
    [next] 依次轮到
    [hand_over] 转交
    [assigned] 指派
   *[substitute] 代办
}
happened-task-accepted = { $person } 接了 { $task }
happened-task-accepted-over = { $person } 从 { $instead_of } 接手 { $task }
happened-task-declined = { $person } 婉拒 { $task }{ $noted }
happened-task-unassigned = { $task } 无人接单{ $noted }
happened-row-filled = { $by } 填报 { $task } 的 { $row }（{ $subject }）：{ $found }{ $coded }{ $noted }
happened-row-found = { $task } 的 { $row } 作为问题上报：{ $subject }
happened-row-found-urgent = { $task } 的 { $row } 作为紧急问题上报：{ $subject }
happened-row-annotated = { $by } 在登记线索后补充 { $task } 的 { $row }{ $noted }
happened-task-submitted = { $by } 提交 { $task }：{ $rows } 户，问题 { $problems }
happened-task-submitted-nil = { $by } 提交 { $task }：{ $rows } 户，未发现问题
happened-task-returned = { $by } 退回 { $task }{ $noted }
happened-task-approved = { $by } 审核通过 { $task }{ $revisited }
happened-batch-cancelled = { $by } 撤销批次 { $batch }，未办结的清单一并撤销{ $noted }
happened-task-cancelled = { $by } 撤销 { $task }{ $noted }
happened-place-reported = { $finder } 上报未登记场所 { $place }：{ $address }{ $coded }{ $noted }
happened-sortie-opened = { $date } 出动 { $sortie }（{ $outing }）：{ $members }
happened-visit-recorded = 出动 { $sortie } 到访 { $subject }：{ $found }{ $hazards }

happened-report-received = 收到反映 { $report }（{ $origin }）{ $noted }
happened-lead-opened = 由反映 { $report } 登记线索 { $lead }{ $coded }
happened-lead-opened-urgent = 由反映 { $report } 登记紧急线索 { $lead }{ $coded }
happened-lead-merged = 线索 { $lead } 并入 { $into }
happened-lead-classified = 线索 { $lead } 已分类{ $coded }{ $proposed }
happened-lead-routed = 线索 { $lead } 分派{ $department }{ $assisted }{ $noted }
happened-lead-returned = { $department }退回线索 { $lead }{ $noted }
happened-joint-decided = { $by } 决定线索 { $lead } 单独处置{ $noted }
happened-joint-decided-joint = { $by } 决定线索 { $lead } 联合行动{ $noted }
happened-action-opened = 联合行动 { $action } 立项，{ $date }：{ $department }牵头{ $assisted }；人员：{ $crew }
happened-action-reported = { $department }已报联合行动 { $action } 结果{ $noted }
happened-action-closed = 联合行动 { $action } 结束
happened-verdict-recorded = { $by } 认定线索 { $lead } { $verdict }{ $coded }{ $noted }
happened-lead-archived = 线索 { $lead } 归档{ $noted }
happened-case-filed = { $department }立案 { $case }：{ $subject }{ $again }{ $coded }；经办：{ $officers }
happened-order-issued = { $by } 开具 { $order }（{ $year } 年第 { $number } 号）：{ $focus }；限 { $deadline } 整改
happened-order-served = { $order } 已送达，期限 { $due }
happened-order-served-undated = { $order } 已送达，限 { $deadline } 整改
happened-order-extended = { $by } 延期 { $order } { $span }{ $noted }
happened-order-parked = { $by } 挂账 { $order }{ $noted }
happened-order-resumed = { $by } 恢复 { $order } 计时{ $noted }
happened-fix-reported = { $by } 报告 { $order } 整改完成{ $noted }
happened-fix-passed = { $by } 复查 { $order }：通过{ $noted }
happened-fix-failed = { $by } 复查 { $order }：未通过{ $noted }
happened-case-cleared = { $case } 销号
happened-case-reopened = { $case } 反弹重开{ $noted }
happened-penalty-recorded = { $case } 处罚：{ $kind }{ $amount }
happened-refund-recorded = { $case } 退费 { $yuan } 元
happened-institution-suspended = { $subject } 被责令停业（{ $case }）
happened-document-issued = { $kind ->
    [notice] { $case } 发出整改通知
   *[public_notice] { $case } 发布公告
}
happened-look_back-recorded = { $by } 回头看 { $case }：{ $result ->
    [held] 未反弹
   *[relapsed] 已反弹
}

happened-clock-started = { $on } { $waits }开始计时：{ $span }，期限 { $due }
happened-clock-started-provisional = { $on } { $waits }开始计时：{ $span }，期限暂定 { $due }
happened-clock-settled = { $clock } 的期限按历法确定为 { $due }
happened-clock-moved = { $by } 变更 { $clock } 的期限为 { $due }{ $noted }
happened-clock-paused = { $by } 暂停 { $clock } 计时{ $noted }
happened-clock-resumed = { $by } 恢复 { $clock } 计时，期限 { $due }
happened-clock-handed = { $on } 改由 { $people } 负责
happened-clock-stopped = { $on } { $waits }计时结束
happened-clock-stopped-late = { $on } { $waits }计时结束，已超期
happened-reminder-due = 就 { $on } 提醒 { $to }，期限 { $due }
happened-deadline-passed = { $on } { $waits }到期未办：{ $due }
happened-ladder-stepped = { $on } 采取 { $level } 级催办（{ $step }），通知 { $to }{ $noted }
happened-ladder-proposed = { $on } 提请 { $level } 级催办（{ $step }），待签发{ $noted }
happened-ladder-signed = { $by } 签发 { $on } 的 { $level } 级催办（{ $step }），通知 { $to }
happened-ladder-skipped = { $clock } 的 { $level } 级催办跳过{ $noted }
happened-ladder-superseded = { $clock } 的 { $level } 级催办已由更高一级代替
happened-step-acknowledged = { $by } 签收 { $step }，承诺 { $promise }
happened-breach-withdrawn = { $on } 的超期记录撤回：其实按时办了

happened-schedule-defined = 排定计划 { $schedule }：{ $words }
happened-occurrence-planned = 已排定 { $occurrence }
happened-occurrence-fired = 按计划执行 { $occurrence }
happened-occurrence-late = 迟后执行 { $occurrence }{ $noted }
happened-occurrence-missed = 错过 { $occurrence }{ $noted }
happened-occurrence-skipped = 跳过 { $occurrence }{ $noted }
happened-occurrence-done = { $occurrence } 已完成：{ $caused }
happened-bulletin-requested = 通报 { $bulletin }（{ $name }）开始统计，截至 { $as_of }
happened-bulletin-frozen = 通报 { $bulletin }（{ $name }）已冻结，截至 { $as_of }
happened-bulletin-approved = { $by } 审定通报 { $bulletin }

waits-task-accept = 接单
waits-task-submit = 填报
waits-task-review = 审核
waits-task-assign = 指派
waits-lead-screen = 线索分类
waits-lead-handle = 线索核查
waits-order-fix = 整改
waits-order-verify = 复查

found-ok = 正常
found-problem = 有问题
found-closed_door = 无人应门
found-moved = 已搬迁
found-not_found = 查无此处
found-refused = 拒绝进入
found-not_visited = 未到访

origin-row = 排查清单
origin-place = 哨兵上报
origin-hotline = 12345 热线
origin-letter = 来信来访
origin-platform = 全国平台
origin-parent = 家长反映
origin-department = 部门移送
origin-other = 其他来源

outing-sweep = 排查
outing-inspection = 检查
outing-joint = 联合行动
outing-safety = 安全检查

length-working_day = { $n } 个工作日
length-natural_day = { $n } 天
length-rolled_day = { $n } 天（遇休顺延）
length-working_hour = { $n } 个工作小时
length-urgent_hour = { $n } 小时

undone-task-accept = 接单
undone-task-submit = 提交
undone-task-review = 审核
undone-task-assign = 找到人接单
undone-lead-screen = 分类
undone-lead-handle = 给出核查结论
undone-order-fix = 整改
undone-order-verify = 复查

crowd-sentinel = 哨兵
crowd-post_leader = 哨点负责人
crowd-street = 街道办
crowd-coordinator = 协调员
crowd-dispatcher = 调度员
crowd-inspector = 执法人员
crowd-head = 部门负责人
crowd-verifier = 复查人
crowd-supervisor = 督导
crowd-owner = 包保责任人
crowd-clerk = 通报起草
crowd-approver = 通报审批
crowd-overseer = 派驻监督
crowd-operator = 数据管理员
crowd-group = 工作群

target-duty = 责任人
target-post_leader = 哨点负责人
target-owner = 包保责任人
target-department = 主办部门
target-group = 群 { $group }
