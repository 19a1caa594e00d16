### Cards: titles, labels, lines, buttons.

label-place = 📍
label-rows = 🧾
label-deadline = ⏰
label-people = 👥
label-holders = ✋
label-state = State:
label-what = What:
label-codes = Codes:
label-text = Report:
label-finder = Found by:
label-department = Handled by:
label-owner = Owner:
label-officers = Officers:
label-number = Number:
label-duty = Whose:
label-since = Due:
label-why = Why you:
label-focus = Focus:
label-requirement = Requirement:
label-content = Content:
label-fix = Fix:
label-roles = Roles:
label-own-department = Department:
label-posts = Posts:
label-certificate = Certificate:
label-as-of = As of:

task-title = Sweep task { $id } · { $batch }
task-rows = { $rows ->
    [one] 1 place
   *[other] { $rows } places
}
task-need = needs { $need }, taken by { $taken }
task-holders = { $names } ({ $taken }/{ $need })
task-tally = { $done } of { $rows } filled, { $problems ->
    [one] 1 problem
   *[other] { $problems } problems
}
task-returned = Returned because: { $reason }
task-review = { $name } submitted this sheet; please check it.
row-problem = ⚠️ { $name }: { $codes }
rows-title = Sheet of { $id } · { $rows ->
    [one] 1 place
   *[other] { $rows } places
}
rows-checklist = Checklist: { $name }
and-more = { $n } more not shown
and-earlier = { $n } earlier ones not shown
receipt = Receipt { $id } · { $time } · { $rows ->
    [one] 1 place
   *[other] { $rows } places
} · { $problems ->
    [one] 1 problem
   *[other] { $problems } problems
}
receipt-next = The post leader checks it now.

row-now = Recorded: { $outcome }
row-note = Note: { $note }
row-place = 📍 Place: { $place }
row-photos = 📷 { $n ->
    [one] 1 photo
   *[other] { $n } photos
}
row-codes = Problem: { $codes }
row-detail = Type what you saw or send photos, then press Record.
row-pick-codes = Which problems? Several may apply.
summary-title = Summary of { $id }
summary-bare = { $n ->
    [one] 1 problem has no photo yet.
   *[other] { $n } problems have no photo yet.
}
summary-open = { $n } not filled yet: { $names }
summary-nil = All filled and no problem found. Confirm to submit a nil return.

lead-title = Lead { $id } · { $state }
lead-title-urgent = Urgent lead { $id } · { $state }
lead-classify = Classify it first.
lead-proposal = The table proposes: { $department } leads, assisted by { $assist }
lead-rule = Rule: { $rule }
lead-joint-proposed = The table proposes joint action; that is decided separately.
lead-no-proposal = No row of the table matches; name a department.
lead-joint = Joint action? Decide separately, with a reason.
lead-is-joint = Decided: joint action
lead-is-single = Decided: the leading department alone
lead-verdict = Verdict: { $verdict }
lead-merged = Merged into { $into }

case-title = Case { $id } · { $state }
case-again = Occurrence { $n }: relapsed
case-refund = { $yuan } yuan refunded

order-title = Order { $id } · { $state }
order-number = no. { $number } of { $year }
order-unserved = { $span } from service
order-reported = Fix reported { $at }
order-cleared = Passed { $at }; cleared
order-parked = Parked: the clock stands still
order-verify = Check on the spot. Nobody verifies their own work.

step-title = { $on } · { $level }
step-title-proposed = { $on } · { $level }, to be signed
step-duty-unknown = not named
step-why-duty = you owe it ({ $level }, { $at })
step-why-above = it was not done in time and came up to you ({ $level }, { $at })
step-why-sign = { $level } takes effect only when you sign ({ $at })
step-over = Done by now; nothing to do.
step-promised = Promised by { $at }

inbox-empty = Nothing waits for you
inbox-title = { $n ->
    [one] 1 thing waits
   *[other] { $n } things wait
}
inbox-title-late = { $n ->
    [one] 1 thing waits
   *[other] { $n } things wait
} · { $late } late or urgent
inbox-unreachable = 📵 Messages do not reach { $n }: { $names }
inbox-unreachable-more = 📵 Messages do not reach { $n }: { $names } and others
inbox-offer = offer
inbox-task = sheet
inbox-review = sign off
inbox-unassigned = nobody
inbox-triage = triage
inbox-lead = lead
inbox-case = case
inbox-verify = verify
inbox-step = late
inbox-proposal = to sign
inbox-half-done = ✏️ half done: { $what }
offers-title = { $n } new tasks

board-title = Board · { $n ->
    [one] 1 open batch
   *[other] { $n } open batches
}
board-section = { $kind } { $n }: { $ids }
board-empty = No open batch.
board-unassigned = with nobody
board-late = late
board-silent = silent
board-accepted = being filled
board-submitted = to sign off
batch-title = Batch { $id } · { $name }
batch-cancelled = 🚫 Cancelled: { $reason }
batch-tasks = Submitted { $bar }
batch-line = { $name }: { $count } in all, { $accepted } taken, { $submitted } submitted, { $approved } approved, { $unassigned } with nobody, { $overdue } late
batch-rows = { $filled } of { $rows ->
    [one] 1 place
   *[other] { $rows } places
} filled, { $problems ->
    [one] 1 problem
   *[other] { $problems } problems
}
batch-preview = Goes to { $posts ->
    [one] 1 post
   *[other] { $posts } posts
} and covers { $institutions ->
    [one] 1 institution
   *[other] { $institutions } institutions
}

batch-preview-later = How many it reaches is counted from the roster once confirmed.

timeline-title = Timeline of { $id } · { $n }
timeline-empty = Nothing is recorded yet.
notices-title = Notices to you · { $n }

whoami-title = { $name } ({ $id })
whoami-tasks = { $n ->
    [one] 1 open task
   *[other] { $n } open tasks
}

bulletin-none = There is no bulletin yet
bulletin-title = { $area } · { $name }
bulletin-approved = approved
bulletin-frozen = frozen, to be approved
bulletin-refund = refunds { $yuan } yuan
bulletin-empty = Every figure is zero.
bulletin-corrects = This corrects an earlier one.

finding-routed = What you found was routed · { $id }
finding-routed-line = The department verifies it; you will hear how it ends.
finding-cleared = What you found is in order now · { $id }
finding-cleared-line = It was verified and cleared. Thank you.

notice-head-reminder = ⏳ Reminder
notice-head-returned = ↩ Returned
notice-head-unassigned = 🆘 With nobody
notice-head-lead-returned = ↩ Sent back
notice-head-fix-failed = ❌ Fix failed
notice-head-digest = 📊 Digest
notice-cancelled = 🚫 Batch cancelled · { $name } · { $id }
notice-cancelled-reason = Reason: { $reason }
notice-cancelled-line = { $sheets ->
    [one] Your sheet of it is over
   *[other] Your { $sheets } sheets of it are over
}, also where you had accepted: there is nothing left to visit. What you filled in is kept.

help-title = Help
help-all = /inbox · /whoami · /lang zh · /cancel · /resume
help-sentinel = Sentinel: /task T-1 · /accept T-1 · /decline T-1 reason · /report
help-post-leader = Post leader: /approve T-1 · /return T-1 reason
help-coordinator = Coordinator: /new · /board · /assign T-1
help-dispatcher = Dispatcher: /leads · /classify L-1 H1 · /route L-1
help-inspector = Inspector: /leads · /lead L-1 · /case C-1 · /order Z-1
help-verifier = Verifier: /verify Z-1
help-supervisor = Supervisor, owner: /ack E-1 tomorrow 17:00 · /sign E-1
help-end = An id alone, such as T-1 or Z-3, opens it.
menu-title = I did not understand that; choose one

do-inbox = 📥 Inbox
do-board = 📋 Board
do-new-batch = 🆕 New batch
do-report = 🏚 Report a place
do-help = ❔ Help
do-whoami = 👤 Who am I
do-notices = 🔔 Notices
do-timeline = 📜 Timeline
do-refresh = 🔄 Refresh
do-open = Open { $id }
do-open-task = 📄 Task
do-open-case = 📁 Case
do-accept = ✋ I take it
do-accept-one = ✋ Take { $id }
do-go-on = ▶ Go on: { $what }
do-decline = 🚫 I cannot
do-rows = 📄 Sheet
do-start = ▶ Start
do-continue = ▶ Go on
do-summary = 🧮 Check and submit
do-hand-over = 🤝 Hand over
do-give-back = ↩ Give back
do-give = 👤 Assign
do-cancel-task = 🗑 Cancel task
do-approve = ✅ Approve
do-return = ↩ Return
do-submit = ✅ Submit
do-nil = ✅ Confirm nil return
do-save = ✅ Record
do-back = ⬅ Back
do-later = 💾 Later
do-previous-row = ⬅ Previous
do-next-row = Next ➡
do-page-before = ⬅ Page back
do-page-after = More ➡
do-picked = ✅ Done ({ $n })
do-unsure = 🤷 Not sure
do-urgent-off = ☐ urgent
do-urgent-on = ☑ 🔥 urgent
do-classify = 🏷 Classify
do-classify-again = 🏷 Classify again
do-merge = 🔗 Merge
do-route = 📨 Route by table
do-route-other = ↪ Elsewhere
do-joint-yes = 🤝 Joint action
do-joint-no = 🏢 One department
do-verdict-yes = Substantiated
do-verdict-partly = Partly
do-verdict-not = Not substantiated
do-verdict-unknown = Undeterminable
do-not-ours = ↪ Not ours
do-outcome = 📋 Outcome of the joint action
do-bless = ✅ Approve
do-file = 📁 File a case
do-draft = 📝 Draw up an order
do-refund = 💴 Refund
do-penalty = ⚖️ Penalty
do-suspend = ⛔ Suspend
do-look-back-held = ✅ Look-back: held
do-look-back-relapsed = ⚠️ Look-back: relapsed
do-serve = 📬 Serve
do-fix = 🔧 Report the fix
do-pass = ✅ Passed
do-fail = ❌ Failed
do-extend = 🕐 Extend
do-park = ⏸ Park
do-unpark = ▶ Resume
do-acknowledge = ✅ Acknowledge and promise
do-sign = 🖋 Sign
do-confirm = ✅ Confirm
do-change = ✏️ Change
do-drop-form = ✖ Cancel
do-leave-out = ⏭ Leave out
