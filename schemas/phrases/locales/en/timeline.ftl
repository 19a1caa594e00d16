### Timeline: one whole sentence for each thing that happened, as a timeline is printed. Cards have shorter ones in `told.ftl`.

happened-noted = : { $text }
happened-coded = {" "}({ $codes })
happened-nobody = nobody
happened-assisted = , assisted by { $departments }
happened-revisit-of = , again after { $first }
happened-revisit = ; doors that stayed closed go to { $next }
happened-again = , for the { $generation ->
    [one] { $generation }st
    [two] { $generation }nd
    [few] { $generation }rd
   *[other] { $generation }th
} time
happened-amount = , { $yuan } yuan
happened-hazards = , { $found ->
    [one] 1 hazard
   *[other] { $found } hazards
} found, { $fixed } fixed
happened-proposed = ; the table proposes { $rule }
happened-routed-by-hand = named by the dispatcher; no row of the table matches
happened-rule = row { $row }: { $violation }, { $training } (of { $of })
# Why a step of the ladder goes to whom it goes.
happened-because = { $on } was due to be { $undone } by { $due } and is not; it has been with { $whose } since { $since }. Step { $level }, { $after ->
    [one] 1 working day
   *[other] { $after } working days
} after, goes to { $targets }.
happened-list = { $most } and { $last }
happened-department = department { $department }
happened-post = the leader of post { $post }
happened-role = the { $role } of the area

happened-batch-confirmed = batch { $batch } ({ $name }) was confirmed with { $count ->
    [one] 1 task
   *[other] { $count } tasks
}
happened-batch-recounted = the roster moved: batch { $batch } now has { $count ->
    [one] 1 task
   *[other] { $count } tasks
}
happened-batch-issued = batch { $batch } was issued: { $count ->
    [one] 1 task
   *[other] { $count } tasks
}
happened-task-issued = { $task } was issued with { $rows ->
    [one] 1 row
   *[other] { $rows } rows
}{ $revisited } and offered to { $offered }
happened-task-offered = { $task } was offered to { $to } { $reason ->
    [next] as the next in line
    [hand_over] as a hand-over
    [assigned] by assignment
   *[substitute] as a substitute
}
happened-task-accepted = { $person } took { $task }
happened-task-accepted-over = { $person } took { $task } over from { $instead_of }
happened-task-declined = { $person } declined { $task }{ $noted }
happened-task-unassigned = { $task } is with nobody{ $noted }
happened-row-filled = { $by } answered row { $row } of { $task }: { $subject }, { $found }{ $coded }{ $noted }
happened-row-found = row { $row } of { $task } was reported as a finding at { $subject }
happened-row-found-urgent = row { $row } of { $task } was reported as a finding at { $subject }, urgent
happened-row-annotated = { $by } corrected row { $row } of { $task } after its lead was opened{ $noted }
happened-task-submitted = { $by } submitted { $task }: { $rows ->
    [one] 1 row
   *[other] { $rows } rows
}, { $problems ->
    [one] 1 problem
   *[other] { $problems } problems
}
happened-task-submitted-nil = { $by } submitted { $task }: { $rows ->
    [one] 1 row
   *[other] { $rows } rows
}, nothing wrong
happened-task-returned = { $by } returned { $task }{ $noted }
happened-task-approved = { $by } approved { $task }{ $revisited }
happened-batch-cancelled = { $by } cancelled batch { $batch } with its open sheets{ $noted }
happened-task-cancelled = { $by } cancelled { $task }{ $noted }
happened-place-reported = { $finder } reported a place on no list, { $place }, at { $address }{ $coded }{ $noted }
happened-sortie-opened = outing { $sortie } ({ $outing }) on { $date }: { $members }
happened-visit-recorded = { $subject } was visited on outing { $sortie }: { $found }{ $hazards }

happened-report-received = report { $report } came in ({ $origin }){ $noted }
happened-lead-opened = lead { $lead } was opened from report { $report }{ $coded }
happened-lead-opened-urgent = urgent lead { $lead } was opened from report { $report }{ $coded }
happened-lead-merged = lead { $lead } was merged into { $into }
happened-lead-classified = lead { $lead } was classified{ $coded }{ $proposed }
happened-lead-routed = lead { $lead } was routed to { $department }{ $assisted }{ $noted }
happened-lead-returned = { $department } returned lead { $lead }{ $noted }
happened-joint-decided = { $by } decided against joint action on lead { $lead }{ $noted }
happened-joint-decided-joint = { $by } decided for joint action on lead { $lead }{ $noted }
happened-action-opened = joint action { $action } on { $date } was opened: { $department }{ $assisted }; crew: { $crew }
happened-action-reported = { $department } reported on joint action { $action }{ $noted }
happened-action-closed = joint action { $action } was closed
happened-verdict-recorded = { $by } found lead { $lead } { $verdict }{ $coded }{ $noted }
happened-lead-archived = lead { $lead } was archived{ $noted }
happened-case-filed = { $department } filed case { $case } on { $subject }{ $again }{ $coded }; officers: { $officers }
happened-order-issued = { $by } issued order { $order } (no. { $number } of { $year }): { $focus }; to be fixed within { $deadline }
happened-order-served = order { $order } was served; due { $due }
happened-order-served-undated = order { $order } was served; to be fixed within { $deadline }
happened-order-extended = { $by } extended order { $order } by { $span }{ $noted }
happened-order-parked = { $by } parked order { $order }{ $noted }
happened-order-resumed = { $by } resumed order { $order }{ $noted }
happened-fix-reported = { $by } recorded the fix of order { $order }{ $noted }
happened-fix-passed = { $by } verified order { $order }: in order{ $noted }
happened-fix-failed = { $by } verified order { $order }: not in order{ $noted }
happened-case-cleared = case { $case } was cleared
happened-case-reopened = case { $case } was reopened{ $noted }
happened-penalty-recorded = a penalty was recorded in case { $case }: { $kind }{ $amount }
happened-refund-recorded = { $yuan } yuan were refunded in case { $case }
happened-institution-suspended = { $subject } was suspended in case { $case }
happened-document-issued = { $kind ->
    [notice] a notice was issued in case { $case }
   *[public_notice] a public notice was published in case { $case }
}
happened-look_back-recorded = { $by } looked back at case { $case }: { $result ->
    [held] still in order
   *[relapsed] as before
}

happened-clock-started = the clock for { $waits } on { $on } was started: { $span }, due { $due }
happened-clock-started-provisional = the clock for { $waits } on { $on } was started: { $span }, due { $due }, provisional
happened-clock-settled = the calendar settled clock { $clock }: due { $due }
happened-clock-moved = { $by } moved clock { $clock }: due { $due }{ $noted }
happened-clock-paused = { $by } paused clock { $clock }{ $noted }
happened-clock-resumed = { $by } resumed clock { $clock }: due { $due }
happened-clock-handed = { $on } went on with { $people }
happened-clock-stopped = the clock for { $waits } on { $on } was stopped
happened-clock-stopped-late = the clock for { $waits } on { $on } was stopped, late
happened-reminder-due = { $to } was reminded of { $on }, due { $due }
happened-deadline-passed = the deadline for { $waits } on { $on } passed: { $due }
happened-ladder-stepped = step { $level } ({ $step }) on { $on } was taken, to { $to }{ $noted }
happened-ladder-proposed = step { $level } ({ $step }) on { $on } was proposed for signature{ $noted }
happened-ladder-signed = { $by } signed step { $level } ({ $step }) on { $on }, to { $to }
happened-ladder-skipped = step { $level } of clock { $clock } was skipped{ $noted }
happened-ladder-superseded = step { $level } of clock { $clock } was passed over: a later one was due
happened-step-acknowledged = { $by } answered step { $step } and promised { $promise }
happened-breach-withdrawn = the breach on { $on } was withdrawn: what it waited for had happened in time

happened-schedule-defined = schedule { $schedule } was defined: { $words }
happened-occurrence-planned = { $occurrence } was planned
happened-occurrence-fired = { $occurrence } ran
happened-occurrence-late = { $occurrence } ran late{ $noted }
happened-occurrence-missed = { $occurrence } was missed{ $noted }
happened-occurrence-skipped = { $occurrence } was skipped{ $noted }
happened-occurrence-done = { $occurrence } is done: { $caused }
happened-bulletin-requested = bulletin { $bulletin } ({ $name }) was asked for as of { $as_of }
happened-bulletin-frozen = bulletin { $bulletin } ({ $name }) was frozen as of { $as_of }
happened-bulletin-approved = { $by } approved bulletin { $bulletin }

waits-task-accept = taking the task
waits-task-submit = submitting
waits-task-review = sign-off
waits-task-assign = finding somebody
waits-lead-screen = screening
waits-lead-handle = handling
waits-order-fix = the fix
waits-order-verify = verification

found-ok = ok
found-problem = problem
found-closed_door = closed door
found-moved = moved
found-not_found = not found
found-refused = refused
found-not_visited = not visited

origin-row = row
origin-place = place
origin-hotline = hotline
origin-letter = letter
origin-platform = platform
origin-parent = parent
origin-department = department
origin-other = other

outing-sweep = sweep
outing-inspection = inspection
outing-joint = joint
outing-safety = safety

length-working_day = { $n ->
    [one] 1 working day
   *[other] { $n } working days
}
length-natural_day = { $n ->
    [one] 1 natural day
   *[other] { $n } natural days
}
length-rolled_day = { $n ->
    [one] 1 rolled day
   *[other] { $n } rolled days
}
length-working_hour = { $n ->
    [one] 1 working hour
   *[other] { $n } working hours
}
length-urgent_hour = { $n ->
    [one] 1 urgent hour
   *[other] { $n } urgent hours
}

undone-task-accept = accepted
undone-task-submit = submitted
undone-task-review = reviewed
undone-task-assign = given to somebody
undone-lead-screen = classified
undone-lead-handle = decided by a verdict
undone-order-fix = fixed
undone-order-verify = verified

crowd-sentinel = sentinels
crowd-post_leader = post leaders
crowd-street = street officers
crowd-coordinator = coordinators
crowd-dispatcher = dispatchers
crowd-inspector = inspectors
crowd-head = heads of department
crowd-verifier = verifiers
crowd-supervisor = supervisors
crowd-owner = territorial owners
crowd-clerk = clerks
crowd-approver = approvers
crowd-overseer = overseers
crowd-operator = operators
crowd-group = groups

target-duty = whoever owes it
target-post_leader = the leader of the post
target-owner = the territorial owner
target-department = the handling department
target-group = the group { $group }
