# What a chat platform's bot says besides cards.
chat-not-linked = You are not linked to Picket yet. Ask your coordinator for an invitation link and open it once within 24 hours.
chat-bad-invite = This invitation link does not work: it was used, has expired or is incomplete. Ask your coordinator for another.
chat-linked = Linked. Welcome, { $name }. Tasks, reminders and notices come here from now on.
chat-left = You are no longer on the roster; please ask your coordinator.
chat-busy = Busy just now. Your message is kept and goes on by itself.
chat-broken = Something went wrong here, number { $number }. Please try again; if it stays so, tell whoever runs Picket the number.
chat-unsupported = This cannot be taken here: please send words, a photo or a place.
chat-forwarded = What is passed on is not taken as an answer. Please type it, take the photo yourself, or send where you are.
chat-too-large = The file has more than 20 MB; please send a smaller photo.
chat-not-fetched = The photo could not be fetched; please send it again.
chat-evidence-missing = { $n ->
    [one] 1 photo of the evidence is
   *[other] { $n } photos of the evidence are
} not on this server and cannot be shown; please tell whoever runs Picket.
chat-in-private = Opened in your private chat.
chat-menu-inbox = What waits for me
chat-menu-report = Report a place on no list
chat-menu-resume = Go on filling in
chat-menu-leads = Leads
chat-menu-board = The board
chat-menu-new = A new batch
chat-menu-bulletin = The latest bulletin
chat-menu-notices = What was sent to me
chat-menu-whoami = Who am I
chat-menu-lang = Language 语言
chat-menu-help = Help
chat-menu-start = Start
group-linked = This group is { $name } ({ $area }) from now on. The board, sheets to take and bulletins come here.
group-board = { $area } · board · { $n } open
group-batch = taken { $accepted } · approved { $approved } · with nobody { $unassigned } · late { $overdue }
group-waiting = { $n } wait for somebody; whoever presses first has it:
group-offers = { $n } sheets to take · { $open } left
