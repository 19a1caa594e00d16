### Words: names of values, times, amounts.

between = { ", " }
between-codes = { "; " }
yes = yes
no = no
yuan = { $yuan } yuan

day-today = today
day-tomorrow = tomorrow
day-yesterday = yesterday
left = { $length } left
over = { $length } over
due = { $at } ({ $left })
length-days = { $n } d
length-hours = { $n } h
length-minutes = { $n } min
length-moment = less than a minute
span-working-days = { $n ->
    [one] 1 working day
   *[other] { $n } working days
}
span-natural-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
span-rolled-days = { $n ->
    [one] 1 day, rolled to a working day
   *[other] { $n } days, rolled to a working day
}
span-working-hours = { $n ->
    [one] 1 working hour
   *[other] { $n } working hours
}
span-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
deadline-paused = { $at } (paused)
deadline-provisional = { $at } (provisional until that year's calendar is out)

state-issued = waits to be taken
state-accepted = being filled
state-submitted = waits for sign-off
state-returned = returned
state-approved = approved
state-cancelled = cancelled

leadstate-opened = to classify
leadstate-classified = to route
leadstate-routed = being verified
leadstate-verified = verified
leadstate-case = case filed
leadstate-merged = merged
leadstate-archived = archived

casestate-filed = filed
casestate-ordered = being rectified
casestate-cleared = cleared

orderstate-issued = to serve
orderstate-served = running
orderstate-reported = to verify
orderstate-cleared = cleared
orderstate-parked = parked

outcome-ok = In order
outcome-problem = Problem
outcome-closed_door = Nobody opened
outcome-moved = Moved away
outcome-not_found = Not there
outcome-refused = Not let in
outcome-not_visited = Not visited

verdict-substantiated = substantiated
verdict-partly = partly substantiated
verdict-not = not substantiated
verdict-undeterminable = undeterminable

role-sentinel = sentinel
role-post_leader = post leader
role-street = street office
role-coordinator = coordinator
role-dispatcher = dispatcher
role-inspector = inspector
role-head = head of department
role-verifier = verifier
role-supervisor = supervisor
role-owner = territorial owner
role-clerk = bulletin clerk
role-approver = bulletin approver
role-overseer = overseer
role-operator = operator
role-group = chat group

source-row = a sweep sheet
source-place = a sentinel's report
source-hotline = the hotline
source-letter = a letter or visit
source-platform = the national platform
source-parent = a parent
source-department = another department
source-other = another source

department-edu = Education
department-mkt = Market Regulation
department-cul = Culture and Tourism
department-spo = Sports
department-sci = Science and Technology
department-pol = Police
department-ndr = Development and Reform
department-urb = Urban Management
department-fir = Fire and Rescue
department-pbc = People's Bank
department-civ = Civil Affairs
department-str = Street Office
department-hou = Housing
department-net = Cyberspace
department-gua = Agriculture

code-Q1 = no licence, no registration
code-Q2 = registered, no licence
code-Q3 = beyond licence or site
code-Q4 = deregistered yet running
code-H1 = hidden: homes, hotels, custody
code-H2 = hidden: online
code-H3 = gives premises or platform
code-P1 = in-service teachers
code-P2 = staff unqualified
code-M1 = materials not filed
code-M2 = barred teaching times
code-F1 = fees too long or too high
code-F2 = prepaid money not in custody
code-F3 = above guide price
code-F4 = no contract, receipt or refund
code-A1 = advertising to pupils
code-S1 = fire safety
code-S2 = building, gas or food
code-S3 = guards or cameras missing
code-C1 = unauthorised contest
code-D1 = not on the platform, data leak
code-X1 = school: enrolment
code-X2 = school: classes
code-X3 = school: teaching
code-X4 = school: after-school service
code-X5 = school: books
code-K1 = duty failure of an authority
codes-unsure = not sure

training-subject = school subjects
training-arts = arts
training-sports = sports
training-science = science
training-custody = custody
training-other = other
risk-low = low risk
risk-normal = normal risk
risk-high = high risk
assign-post_sentinel = sentinels of each post
assign-least_loaded = whoever has least to do
assign-offer = whoever takes it first
penalty-warning = warning
penalty-fine = fine
penalty-confiscation = confiscation
penalty-stop_enrolling = stop enrolling
penalty-revocation = licence revoked

clock-task-accept = taking the task
clock-task-submit = filling the sheet
clock-task-review = signing off
clock-task-assign = finding somebody
clock-lead-screen = classifying the lead
clock-lead-handle = verifying the lead
clock-order-fix = rectifying
clock-order-verify = verifying the fix

level-B0 = reminder
level-B1 = step 1
level-B2 = step 2
level-B3 = step 3
level-B4 = step 4
level-B5 = listed supervision
level-B6 = accountability

notice-offer = offer
notice-returned = sheet returned
notice-unassigned = task with nobody
notice-review = sheet to sign off
notice-screen = lead to classify
notice-routed = lead routed
notice-finding_routed = finding routed
notice-finding_cleared = finding cleared
notice-lead_returned = lead returned
notice-verify = fix to verify
notice-fix_failed = fix failed
notice-reminder = reminder
notice-ladder = ladder step
notice-proposal = to sign
notice-digest = digest
notice-bulletin = bulletin

channel-telegram = Telegram
channel-terminal = the terminal
delivery-queued = queued
delivery-handed = on its way
delivery-sent = sent
delivery-failed = failed
delivery-suppressed = not sent
delivery-unknown = outcome unknown

figure-person_times = person-times
figure-visits = visits
figure-institutions = institutions
figure-rounds = rounds
figure-raw_reports = raw reports
figure-leads = leads
figure-substantiated = substantiated
figure-not_substantiated = not substantiated
figure-hidden_variant_occasions = hidden-variant occasions
figure-hidden_variant_institutions = hidden-variant institutions
figure-orders = orders
figure-violators = violators
figure-notices = notices
figure-public_notices = public notices
figure-hazards = hazards
figure-hazards_fixed = hazards fixed
figure-penalised = penalised
figure-suspended = suspended
figure-refund_fen = refunds
figure-due = due
figure-cleared = cleared
figure-cleared_on_time = cleared on time
figure-overdue = overdue
figure-reopened = reopened
figure-tasks_issued = tasks issued
figure-tasks_accepted = tasks taken
figure-tasks_submitted = tasks submitted
figure-tasks_overdue = tasks overdue
figure-reminders = reminders
figure-escalations = escalations
