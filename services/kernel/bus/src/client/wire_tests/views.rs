//! Bytes of every answer insight gives, each with every field: processes of other versions read them.

use picket_schemas::ask::View;

use super::pin_equal;

/// One of each, in the order of the enum.
const VIEWS: [&str; 25] = [
    r#"{"view":"inbox","of":{"person":{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel"],"department":{"code":"edu","name":"education"},"area":{"code":"420902003004","name":"area 4"},"certificate":"C-17","language":"zh","posts":[{"code":"PO-01","name":"post 1"}],"open_tasks":3},"offers":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"tasks":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"reviews":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"unassigned":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"triage":[{"jurisdiction":"420902","lead":"L-69","state":"routed","subject":{"code":"I-0003","name":"Institution 3"},"subject_address":"Street 3","area":{"code":"420902003004","name":"area 4"},"codes":["H1"],"urgent":true,"source":"sweep","text":"words","evidence":["ab12"],"post":{"code":"PO-01","name":"post 1"},"department":{"code":"edu","name":"education"},"assist":[{"code":"police","name":"police"}],"owner":{"code":"420902/P-0100","name":"owner 100"},"proposal":{"lead":"edu","assist":["police"],"joint":true,"rule":"H1 *","matched":{"jurisdiction":"4209","row":10,"violation":"H1","training":"custody"}},"joint":true,"verdict":"substantiated","merged_into":"L-68","case":"C-21","action":"J-3","opened":"2026-03-04T02:12:00Z","deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"rev":38}],"leads":[{"jurisdiction":"420902","lead":"L-69","state":"routed","subject":{"code":"I-0003","name":"Institution 3"},"subject_address":"Street 3","area":{"code":"420902003004","name":"area 4"},"codes":["H1"],"urgent":true,"source":"sweep","text":"words","evidence":["ab12"],"post":{"code":"PO-01","name":"post 1"},"department":{"code":"edu","name":"education"},"assist":[{"code":"police","name":"police"}],"owner":{"code":"420902/P-0100","name":"owner 100"},"proposal":{"lead":"edu","assist":["police"],"joint":true,"rule":"H1 *","matched":{"jurisdiction":"4209","row":10,"violation":"H1","training":"custody"}},"joint":true,"verdict":"substantiated","merged_into":"L-68","case":"C-21","action":"J-3","opened":"2026-03-04T02:12:00Z","deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"rev":38}],"cases":[{"jurisdiction":"420902","case":"C-21","lead":"L-69","state":"ordered","subject":{"code":"I-0003","name":"Institution 3"},"codes":["H1"],"department":{"code":"edu","name":"education"},"officers":[{"code":"420902/P-0031","name":"inspector 31"}],"post":{"code":"PO-01","name":"post 1"},"owner":{"code":"420902/P-0100","name":"owner 100"},"generation":2,"orders":[{"jurisdiction":"420902","order":"Z-318","number":318,"year":2026,"case":"C-21","state":"reported","subject":{"code":"I-0003","name":"Institution 3"},"department":{"code":"edu","name":"education"},"post":{"code":"PO-01","name":"post 1"},"owner":{"code":"420902/P-0100","name":"owner 100"},"focus":"licence","requirement":"stop","content":"stop teaching","ground":"article 1","span":"5wd","served":"2026-03-04T02:12:00Z","reported":"2026-03-05T09:00:00Z","cleared":"2026-03-06T01:30:00.25Z","fix_note":"closed","parked":true,"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"rev":39}],"refund_fen":120000,"penalties":1,"timeline":[{"at":"2026-03-04T02:12:00Z","journal":"dispatch/420902","n":1834,"kind":"task.accepted","by":"sentinel 17","text":"sentinel 17 accepted T-2041","with":{"person":"sentinel 17"}}],"rev":40}],"verify":[{"jurisdiction":"420902","order":"Z-318","number":318,"year":2026,"case":"C-21","state":"reported","subject":{"code":"I-0003","name":"Institution 3"},"department":{"code":"edu","name":"education"},"post":{"code":"PO-01","name":"post 1"},"owner":{"code":"420902/P-0100","name":"owner 100"},"focus":"licence","requirement":"stop","content":"stop teaching","ground":"article 1","span":"5wd","served":"2026-03-04T02:12:00Z","reported":"2026-03-05T09:00:00Z","cleared":"2026-03-06T01:30:00.25Z","fix_note":"closed","parked":true,"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"rev":39}],"steps":[{"jurisdiction":"420902","step":"E-14","level":"B2","kind":"task.submit","on":"T-2041","what":"sheet T-2041","due":"2026-03-04T02:12:00Z","taken":"2026-03-05T09:00:00Z","why":"late","because":{"duty":{"people":["420902/P-0017"],"department":"edu","post":"PO-01","role":"inspector"},"since":"2026-03-04T02:12:00Z","after":1,"targets":["duty",{"role":"head"}]},"to":[{"code":"420902/P-0021","name":"leader 21"}],"duty":[{"code":"420902/P-0017","name":"sentinel 17"}],"promise":"2026-03-06T01:30:00.25Z","proposed":true,"signed":true,"open":true}],"proposals":[{"jurisdiction":"420902","step":"E-14","level":"B2","kind":"task.submit","on":"T-2041","what":"sheet T-2041","due":"2026-03-04T02:12:00Z","taken":"2026-03-05T09:00:00Z","why":"late","because":{"duty":{"people":["420902/P-0017"],"department":"edu","post":"PO-01","role":"inspector"},"since":"2026-03-04T02:12:00Z","after":1,"targets":["duty",{"role":"head"}]},"to":[{"code":"420902/P-0021","name":"leader 21"}],"duty":[{"code":"420902/P-0017","name":"sentinel 17"}],"promise":"2026-03-06T01:30:00.25Z","proposed":true,"signed":true,"open":true}],"drafts":[{"jurisdiction":"420902","of":{"row":{"task":"T-2041","row":"I-0003"}},"answers":{"note":"half"},"evidence":["ab12"],"at":"2026-03-04T02:12:00Z","name":"Institution 3"},{"jurisdiction":"420902","of":{"form":{"form":"decline","about":"420902/T-2041"}},"answers":{"at":"1"},"evidence":["cd34"],"at":"2026-03-04T02:12:00Z","name":"T-2041"}],"unreachable":[{"person":{"code":"420902/P-0017","name":"sentinel 17"},"channel":"telegram","since":"2026-03-04T02:12:00Z","reason":"blocked"}]}}"#,
    r#"{"view":"person","of":{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel"],"department":{"code":"edu","name":"education"},"area":{"code":"420902003004","name":"area 4"},"certificate":"C-17","language":"zh","posts":[{"code":"PO-01","name":"post 1"}],"open_tasks":3}}"#,
    r#"{"view":"task","of":{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}}"#,
    r#"{"view":"batch","of":{"jurisdiction":"420902","batch":"B-12","name":"March","campaign":"spring","count":9,"issued":8,"accepted":7,"submitted":6,"approved":5,"cancelled":1,"unassigned":2,"overdue":3,"rows":90,"rows_filled":80,"problems":4,"state":"open","cancelled_because":"wrong list","rev":39}}"#,
    r#"{"view":"board","of":{"batches":[{"jurisdiction":"420902","batch":"B-12","name":"March","campaign":"spring","count":9,"issued":8,"accepted":7,"submitted":6,"approved":5,"cancelled":1,"unassigned":2,"overdue":3,"rows":90,"rows_filled":80,"problems":4,"state":"open","cancelled_because":"wrong list","rev":39}],"silent":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"late":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"unassigned":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"accepted":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}],"submitted":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"returned","checklist":"sweep","offered":[{"code":"420902/P-0018","name":"sentinel 18"}],"holders":[{"code":"420902/P-0017","name":"sentinel 17"}],"need":2,"rows":[{"row":"I-0003","name":"Institution 3","address":"Street 3","outcome":"problem","codes":["H1"],"note":"a note","evidence":["ab12"],"by":"420902/P-0017","lead":"L-69"}],"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"issued":"2026-03-04T02:12:00Z","returned_because":"row 3","sealed_until":"2026-03-06T01:30:00.25Z","rev":37}]}}"#,
    r#"{"view":"lead","of":{"jurisdiction":"420902","lead":"L-69","state":"routed","subject":{"code":"I-0003","name":"Institution 3"},"subject_address":"Street 3","area":{"code":"420902003004","name":"area 4"},"codes":["H1"],"urgent":true,"source":"sweep","text":"words","evidence":["ab12"],"post":{"code":"PO-01","name":"post 1"},"department":{"code":"edu","name":"education"},"assist":[{"code":"police","name":"police"}],"owner":{"code":"420902/P-0100","name":"owner 100"},"proposal":{"lead":"edu","assist":["police"],"joint":true,"rule":"H1 *","matched":{"jurisdiction":"4209","row":10,"violation":"H1","training":"custody"}},"joint":true,"verdict":"substantiated","merged_into":"L-68","case":"C-21","action":"J-3","opened":"2026-03-04T02:12:00Z","deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"rev":38}}"#,
    r#"{"view":"case","of":{"jurisdiction":"420902","case":"C-21","lead":"L-69","state":"ordered","subject":{"code":"I-0003","name":"Institution 3"},"codes":["H1"],"department":{"code":"edu","name":"education"},"officers":[{"code":"420902/P-0031","name":"inspector 31"}],"post":{"code":"PO-01","name":"post 1"},"owner":{"code":"420902/P-0100","name":"owner 100"},"generation":2,"orders":[{"jurisdiction":"420902","order":"Z-318","number":318,"year":2026,"case":"C-21","state":"reported","subject":{"code":"I-0003","name":"Institution 3"},"department":{"code":"edu","name":"education"},"post":{"code":"PO-01","name":"post 1"},"owner":{"code":"420902/P-0100","name":"owner 100"},"focus":"licence","requirement":"stop","content":"stop teaching","ground":"article 1","span":"5wd","served":"2026-03-04T02:12:00Z","reported":"2026-03-05T09:00:00Z","cleared":"2026-03-06T01:30:00.25Z","fix_note":"closed","parked":true,"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"rev":39}],"refund_fen":120000,"penalties":1,"timeline":[{"at":"2026-03-04T02:12:00Z","journal":"dispatch/420902","n":1834,"kind":"task.accepted","by":"sentinel 17","text":"sentinel 17 accepted T-2041","with":{"person":"sentinel 17"}}],"rev":40}}"#,
    r#"{"view":"order","of":{"jurisdiction":"420902","order":"Z-318","number":318,"year":2026,"case":"C-21","state":"reported","subject":{"code":"I-0003","name":"Institution 3"},"department":{"code":"edu","name":"education"},"post":{"code":"PO-01","name":"post 1"},"owner":{"code":"420902/P-0100","name":"owner 100"},"focus":"licence","requirement":"stop","content":"stop teaching","ground":"article 1","span":"5wd","served":"2026-03-04T02:12:00Z","reported":"2026-03-05T09:00:00Z","cleared":"2026-03-06T01:30:00.25Z","fix_note":"closed","parked":true,"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"rev":39}}"#,
    r#"{"view":"timeline","of":[{"at":"2026-03-04T02:12:00Z","journal":"dispatch/420902","n":1834,"kind":"task.accepted","by":"sentinel 17","text":"sentinel 17 accepted T-2041","with":{"person":"sentinel 17"}}]}"#,
    r#"{"view":"overdue","of":[{"jurisdiction":"420902","clock":"K-95","kind":"task.submit","on":"T-2041","what":"sheet T-2041","duty":[{"code":"420902/P-0017","name":"sentinel 17"}],"due":"2026-03-04T02:12:00Z","level":"B2","promise":"2026-03-06T01:30:00.25Z"}]}"#,
    r#"{"view":"institution","of":{"jurisdiction":"420902","code":"I-0003","name":"Institution 3","kind":"institution","training":"arts","licence":"none","address":"Street 3","area":{"code":"420902003004","name":"area 4"},"owner":{"code":"420902/P-0100","name":"owner 100"},"risk":"high","list":"black","visits":4,"leads":["L-69"],"cases":["C-21"],"timeline":[{"at":"2026-03-04T02:12:00Z","journal":"dispatch/420902","n":1834,"kind":"task.accepted","by":"sentinel 17","text":"sentinel 17 accepted T-2041","with":{"person":"sentinel 17"}}]}}"#,
    r#"{"view":"figures","of":{"jurisdiction":"420902","from":"2026-03-04T02:12:00Z","as_of":"2026-03-05T09:00:00Z","figures":{"leads":5,"visits":9,"leads_by_department":{"edu":3}},"areas":{"420902003004":{"leads":5,"visits":9,"leads_by_department":{"edu":3}}},"names":{"edu":"education"},"positions":{"dispatch/420902":[1834,"ab12"]}}}"#,
    r#"{"view":"bulletin","of":{"jurisdiction":"420902","jurisdiction_name":"county","bulletin":"BU-4","name":"March","from":"2026-03-04T02:12:00Z","as_of":"2026-03-05T09:00:00Z","rounding":"over","approved":true,"corrects":"BU-3","figures":{"leads":5,"visits":9,"leads_by_department":{"edu":3}},"areas":{"420902003004":{"leads":5,"visits":9,"leads_by_department":{"edu":3}}},"names":{"edu":"education"},"code_version":"picket 0.1.0","overrides":{"leads":{"value":5,"plus":true},"visits":{"zh":"近10家次","en":"nearly 10"}}}}"#,
    r#"{"view":"schedules","of":[{"code":"weekly-sweep","cron":"30 8 * * 1","words":"Mondays at 08:30","does":"dispatch.issue_batch","paused":"holiday","next":"2026-03-05T09:00:00Z","last":"fired"}]}"#,
    r#"{"view":"notices","of":[{"notice":"N-501","kind":"offer","about":"T-2041","queued":"2026-03-04T02:12:00Z","state":"failed","reason":"blocked","channel":"telegram"}]}"#,
    r#"{"view":"deliveries","of":{"states":{"sent":9,"unknown":1},"unreachable":[{"person":{"code":"420902/P-0017","name":"sentinel 17"},"channel":"telegram","since":"2026-03-04T02:12:00Z","reason":"blocked"}]}}"#,
    r#"{"view":"found","of":["L-69"]}"#,
    r#"{"view":"people","of":[{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel"],"department":{"code":"edu","name":"education"},"area":{"code":"420902003004","name":"area 4"},"certificate":"C-17","language":"zh","posts":[{"code":"PO-01","name":"post 1"}],"open_tasks":3}]}"#,
    r#"{"view":"areas","of":[{"code":"420902003004","name":"area 4"}]}"#,
    r#"{"view":"accounts","of":[{"channel":"telegram","account":"7017"}]}"#,
    r#"{"view":"readings","of":[{"at":"2026-03-04T02:12:00Z","person":{"code":"420902/P-0201","name":"overseer 201"},"what":"task T-2041"}]}"#,
    r#"{"view":"group","of":{"group":{"code":"420902/G-1","name":"group 1"},"area":{"code":"420902003004","name":"area 4"},"language":"zh","batches":[{"batch":{"code":"B-12","name":"March"},"count":9,"accepted":7,"submitted":6,"approved":5,"unassigned":2,"overdue":3}],"tasks":[{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":{"code":"PO-01","name":"post 1"},"area":{"code":"420902003004","name":"area 4"},"state":"issued","rows":12,"need":2,"taken":1,"deadline":{"clock":"K-95","kind":"task.submit","due":"2026-03-05T09:00:00Z","provisional":true,"paused":true,"overdue":true,"stopped":"2026-03-06T01:30:00.25Z"},"open":true}],"waiting":4}}"#,
    r#"{"view":"groups","of":[{"group":"420902/G-1","account":"-1007"}]}"#,
    r#"{"view":"unknown"}"#,
    r#"{"view":"stale"}"#,
];

/// Which it is; whoever adds a view adds its literal.
fn place(view: &View) -> usize {
    match view {
        View::Inbox(_) => 0,
        View::Person(_) => 1,
        View::Task(_) => 2,
        View::Batch(_) => 3,
        View::Board(_) => 4,
        View::Lead(_) => 5,
        View::Case(_) => 6,
        View::Order(_) => 7,
        View::Timeline(_) => 8,
        View::Overdue(_) => 9,
        View::Institution(_) => 10,
        View::Figures(_) => 11,
        View::Bulletin(_) => 12,
        View::Schedules(_) => 13,
        View::Notices(_) => 14,
        View::Deliveries(_) => 15,
        View::Found(_) => 16,
        View::People(_) => 17,
        View::Areas(_) => 18,
        View::Accounts(_) => 19,
        View::Readings(_) => 20,
        View::Group(_) => 21,
        View::Groups(_) => 22,
        View::Unknown => 23,
        View::Stale => 24,
    }
}

#[test]
fn every_view_is_said_and_heard_as_it_always_was() {
    for (at, literal) in VIEWS.into_iter().enumerate() {
        let view: View =
            serde_json::from_str(literal).unwrap_or_else(|why| panic!("{why}: {literal}"));
        assert_eq!(place(&view), at, "{literal}");
        pin_equal(&view, literal);
    }
}

#[test]
fn the_literals_set_every_field() {
    for literal in VIEWS {
        let shown = format!("{:?}", serde_json::from_str::<View>(literal).unwrap());
        // What is left out shows in the debug form: an absent option, an empty list, text or map, a flag that is down.
        for absent in [": None", ": []", ": {}", ": \"\"", ": false", ": 0,"] {
            assert!(!shown.contains(absent), "`{absent}` in {shown}");
        }
    }
}

#[test]
fn a_bulletin_that_is_not_there_is_said_and_heard_as_it_always_was() {
    pin_equal(&View::Bulletin(None), r#"{"view":"bulletin","of":null}"#);
}

#[test]
fn views_from_before_their_newer_fields_are_heard() {
    let newer = [
        (
            0,
            r#","drafts":[{"jurisdiction":"420902","of":{"row":{"task":"T-2041","row":"I-0003"}},"answers":{"note":"half"},"evidence":["ab12"],"at":"2026-03-04T02:12:00Z","name":"Institution 3"},{"jurisdiction":"420902","of":{"form":{"form":"decline","about":"420902/T-2041"}},"answers":{"at":"1"},"evidence":["cd34"],"at":"2026-03-04T02:12:00Z","name":"T-2041"}]"#,
        ),
        (
            0,
            r#","unreachable":[{"person":{"code":"420902/P-0017","name":"sentinel 17"},"channel":"telegram","since":"2026-03-04T02:12:00Z","reason":"blocked"}]"#,
        ),
        (
            0,
            r#","duty":[{"code":"420902/P-0017","name":"sentinel 17"}]"#,
        ),
        (
            0,
            r#""because":{"duty":{"people":["420902/P-0017"],"department":"edu","post":"PO-01","role":"inspector"},"since":"2026-03-04T02:12:00Z","after":1,"targets":["duty",{"role":"head"}]},"#,
        ),
        (2, r#","sealed_until":"2026-03-06T01:30:00.25Z""#),
        (3, r#","state":"open""#),
        (3, r#","cancelled_because":"wrong list""#),
        (3, r#","rev":39"#),
        (
            5,
            r#","matched":{"jurisdiction":"4209","row":10,"violation":"H1","training":"custody"}"#,
        ),
        (8, r#","with":{"person":"sentinel 17"}"#),
        (11, r#","leads_by_department":{"edu":3}"#),
        (
            12,
            r#","overrides":{"leads":{"value":5,"plus":true},"visits":{"zh":"近10家次","en":"nearly 10"}}"#,
        ),
        (14, r#","channel":"telegram""#),
    ];
    for (at, field) in newer {
        let short = VIEWS[at].replace(field, "");
        assert_ne!(short, VIEWS[at], "{field}");
        let view: View =
            serde_json::from_str(&short).unwrap_or_else(|why| panic!("{why}: {short}"));
        assert_eq!(place(&view), at);
    }
}
