-- Tables of the projection and their indexes. A change here needs a new VERSION in schema.rs.

CREATE TABLE journals (book TEXT PRIMARY KEY, n INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE events (seq INTEGER PRIMARY KEY, book TEXT NOT NULL, n INTEGER NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, json TEXT NOT NULL);
CREATE TABLE event_ids (j TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (j, id, seq)) WITHOUT ROWID;

CREATE TABLE areas (j TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, level TEXT NOT NULL, parent TEXT, PRIMARY KEY (code, j)) WITHOUT ROWID;
CREATE INDEX areas_parent ON areas (parent);
CREATE TABLE departments (j TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, area TEXT NOT NULL, PRIMARY KEY (j, code)) WITHOUT ROWID;
CREATE TABLE posts (j TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, area TEXT NOT NULL, leader TEXT NOT NULL, PRIMARY KEY (j, code)) WITHOUT ROWID;
CREATE INDEX posts_leader ON posts (leader);
CREATE TABLE post_members (j TEXT NOT NULL, post TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (j, post, person)) WITHOUT ROWID;
CREATE INDEX post_members_person ON post_members (person);
CREATE TABLE people (id TEXT PRIMARY KEY, j TEXT NOT NULL, name TEXT NOT NULL, department TEXT, area TEXT NOT NULL, certificate TEXT, language TEXT) WITHOUT ROWID;
CREATE INDEX people_home ON people (j);
CREATE TABLE person_roles (person TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (person, role)) WITHOUT ROWID;
CREATE TABLE identities (j TEXT NOT NULL, channel TEXT NOT NULL, account TEXT NOT NULL, person TEXT NOT NULL, at INTEGER NOT NULL, ord INTEGER NOT NULL, PRIMARY KEY (channel, account, j)) WITHOUT ROWID;
CREATE INDEX identities_person ON identities (person, channel);
CREATE TABLE institutions (j TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, training TEXT, licence TEXT, address TEXT NOT NULL, area TEXT NOT NULL, risk TEXT, list TEXT, PRIMARY KEY (j, code)) WITHOUT ROWID;
CREATE TABLE area_owners (j TEXT NOT NULL, area TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (j, area)) WITHOUT ROWID;
CREATE TABLE institution_owners (j TEXT NOT NULL, institution TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (j, institution)) WITHOUT ROWID;

CREATE TABLE visitors (person TEXT NOT NULL, j TEXT NOT NULL, begins INTEGER NOT NULL, ends INTEGER NOT NULL, roles TEXT NOT NULL, areas TEXT NOT NULL, department TEXT, PRIMARY KEY (person, j)) WITHOUT ROWID;
CREATE TABLE readings (j TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, person TEXT NOT NULL, what TEXT NOT NULL, PRIMARY KEY (j, ord)) WITHOUT ROWID;

CREATE TABLE batches (j TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, campaign TEXT, count INTEGER NOT NULL, sealed INTEGER, at INTEGER NOT NULL, parent TEXT, cancelled INTEGER, because TEXT, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX batches_parent ON batches (parent) WHERE parent IS NOT NULL;
CREATE TABLE tasks (j TEXT NOT NULL, id TEXT NOT NULL, batch TEXT NOT NULL, post TEXT, area TEXT NOT NULL, state TEXT NOT NULL, taken INTEGER NOT NULL DEFAULT 0, nobody INTEGER NOT NULL DEFAULT 0,
  checklist TEXT NOT NULL, need INTEGER NOT NULL, campaign TEXT, round INTEGER, sealed INTEGER, issued INTEGER NOT NULL, accepted INTEGER, submitted INTEGER, cancelled INTEGER, returned_because TEXT, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX tasks_batch ON tasks (j, batch);
CREATE INDEX tasks_nobody ON tasks (j, id) WHERE nobody = 1;
CREATE INDEX tasks_submitted ON tasks (j, id) WHERE state = 'submitted';
CREATE TABLE task_people (j TEXT NOT NULL, task TEXT NOT NULL, person TEXT NOT NULL, what TEXT NOT NULL, giver TEXT NOT NULL DEFAULT '', PRIMARY KEY (j, task, person)) WITHOUT ROWID;
CREATE INDEX task_people_person ON task_people (person);
CREATE TABLE task_rows (j TEXT NOT NULL, task TEXT NOT NULL, pos INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY (j, task, pos)) WITHOUT ROWID;
CREATE TABLE task_submits (j TEXT NOT NULL, task TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, PRIMARY KEY (j, task, ord)) WITHOUT ROWID;
CREATE TABLE answers (j TEXT NOT NULL, task TEXT NOT NULL, row TEXT NOT NULL, ord INTEGER NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL, codes TEXT, note TEXT NOT NULL, evidence TEXT, by TEXT NOT NULL, observed INTEGER NOT NULL, PRIMARY KEY (j, task, row, ord)) WITHOUT ROWID;
CREATE TABLE drafts (person TEXT NOT NULL, j TEXT NOT NULL, kind TEXT NOT NULL, of TEXT NOT NULL, part TEXT NOT NULL, answers TEXT NOT NULL, evidence TEXT, at INTEGER NOT NULL, PRIMARY KEY (person, j, kind, of, part)) WITHOUT ROWID;
CREATE INDEX drafts_of ON drafts (j, of);
CREATE TABLE places (j TEXT NOT NULL, id TEXT NOT NULL, area TEXT NOT NULL, address TEXT NOT NULL, seen TEXT NOT NULL, evidence TEXT, finder TEXT NOT NULL, observed INTEGER NOT NULL, campaign TEXT, round INTEGER, sealed INTEGER, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE TABLE sorties (j TEXT NOT NULL, id TEXT NOT NULL, date TEXT NOT NULL, members INTEGER NOT NULL, sealed INTEGER, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE TABLE visits (j TEXT NOT NULL, ord INTEGER NOT NULL, sortie TEXT NOT NULL, subject TEXT NOT NULL, found INTEGER NOT NULL, fixed INTEGER NOT NULL, observed INTEGER NOT NULL, campaign TEXT, round INTEGER, PRIMARY KEY (j, ord)) WITHOUT ROWID;
CREATE INDEX visits_subject ON visits (j, subject);

CREATE TABLE reports (j TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL, task TEXT, row TEXT, place TEXT, finder TEXT, sealed INTEGER, at INTEGER NOT NULL, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX reports_row ON reports (j, task, row);
CREATE INDEX reports_place ON reports (j, place);
CREATE TABLE leads (j TEXT NOT NULL, id TEXT NOT NULL, report TEXT NOT NULL, subject TEXT, area TEXT NOT NULL, codes TEXT, urgent INTEGER NOT NULL, post TEXT, owner TEXT, sealed INTEGER, state TEXT NOT NULL, opened INTEGER NOT NULL,
  proposal TEXT, department TEXT, assist TEXT, joint INTEGER, verdict TEXT, merged_into TEXT, merged INTEGER, case_id TEXT, action TEXT, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX leads_report ON leads (j, report);
CREATE INDEX leads_subject ON leads (j, subject);
CREATE INDEX leads_merged ON leads (j, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX leads_open ON leads (j, id) WHERE state IN ('opened', 'classified', 'routed', 'verified');
CREATE TABLE routings (j TEXT NOT NULL, lead TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, department TEXT NOT NULL, assist TEXT, PRIMARY KEY (j, lead, ord)) WITHOUT ROWID;
CREATE TABLE verdicts (j TEXT NOT NULL, lead TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, verdict TEXT NOT NULL, subject TEXT, hidden INTEGER NOT NULL, PRIMARY KEY (j, lead, ord)) WITHOUT ROWID;
CREATE TABLE actions (j TEXT NOT NULL, id TEXT NOT NULL, lead TEXT NOT NULL, sealed INTEGER, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE TABLE action_crew (j TEXT NOT NULL, action TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (j, action, person)) WITHOUT ROWID;
CREATE INDEX actions_lead ON actions (j, lead);
CREATE TABLE cases (j TEXT NOT NULL, id TEXT NOT NULL, lead TEXT NOT NULL, state TEXT NOT NULL, subject TEXT NOT NULL, area TEXT NOT NULL, codes TEXT, department TEXT NOT NULL, owner TEXT, post TEXT, generation INTEGER NOT NULL, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX cases_lead ON cases (j, lead);
CREATE INDEX cases_subject ON cases (j, subject);
CREATE INDEX cases_open ON cases (j, id) WHERE state <> 'cleared';
CREATE TABLE officers (j TEXT NOT NULL, case_id TEXT NOT NULL, pos INTEGER NOT NULL, person TEXT NOT NULL, PRIMARY KEY (j, case_id, pos)) WITHOUT ROWID;
CREATE TABLE orders (j TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, year INTEGER NOT NULL, case_id TEXT NOT NULL, state TEXT NOT NULL, subject TEXT NOT NULL, department TEXT NOT NULL, focus TEXT NOT NULL, requirement TEXT NOT NULL, content TEXT NOT NULL, ground TEXT NOT NULL, span TEXT NOT NULL,
  issuer TEXT NOT NULL, served INTEGER, reported INTEGER, cleared INTEGER, fixer TEXT, fix_note TEXT, parked INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX orders_case ON orders (j, case_id);
CREATE INDEX orders_reported ON orders (j, id) WHERE state = 'reported';
CREATE TABLE order_marks (j TEXT NOT NULL, id TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL, PRIMARY KEY (j, id, ord)) WITHOUT ROWID;
CREATE TABLE acts (j TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL, case_id TEXT NOT NULL, subject TEXT NOT NULL, fen INTEGER NOT NULL, PRIMARY KEY (j, ord)) WITHOUT ROWID;
CREATE INDEX acts_case ON acts (j, case_id);

CREATE TABLE clocks (j TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, on_id TEXT NOT NULL, area TEXT NOT NULL, duty TEXT NOT NULL, began INTEGER NOT NULL, started INTEGER NOT NULL, ord INTEGER NOT NULL, due INTEGER NOT NULL, standing INTEGER NOT NULL, stopped INTEGER, level TEXT, withdrawn INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX clocks_on ON clocks (j, on_id);
CREATE INDEX clocks_open ON clocks (j, due) WHERE stopped IS NULL;
CREATE TABLE dues (j TEXT NOT NULL, clock TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, due INTEGER NOT NULL, standing INTEGER NOT NULL, PRIMARY KEY (j, clock, ord)) WITHOUT ROWID;
CREATE TABLE reminders (j TEXT NOT NULL, ord INTEGER NOT NULL, at INTEGER NOT NULL, on_id TEXT NOT NULL, PRIMARY KEY (j, ord)) WITHOUT ROWID;
CREATE TABLE steps (j TEXT NOT NULL, id TEXT NOT NULL, clock TEXT NOT NULL, kind TEXT NOT NULL, on_id TEXT NOT NULL, level TEXT NOT NULL, due INTEGER NOT NULL, taken INTEGER NOT NULL, counted INTEGER, why TEXT NOT NULL, because TEXT, proposed INTEGER NOT NULL, signed INTEGER, promise INTEGER, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX steps_on ON steps (j, on_id);
CREATE INDEX steps_clock ON steps (j, clock);
CREATE INDEX steps_unsigned ON steps (j, id) WHERE proposed = 1 AND signed IS NULL;
CREATE TABLE step_to (j TEXT NOT NULL, step TEXT NOT NULL, pos INTEGER NOT NULL, person TEXT NOT NULL, PRIMARY KEY (j, step, pos)) WITHOUT ROWID;
CREATE INDEX step_to_person ON step_to (person);

CREATE TABLE notices (j TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL, queued INTEGER NOT NULL, ord INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, channel TEXT, PRIMARY KEY (j, id)) WITHOUT ROWID;
CREATE INDEX notices_person ON notices (person);
CREATE TABLE lost_channels (j TEXT NOT NULL, person TEXT NOT NULL, channel TEXT NOT NULL, since INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (j, person, channel)) WITHOUT ROWID;
CREATE TABLE schedules (j TEXT NOT NULL, code TEXT NOT NULL, cron TEXT NOT NULL, words TEXT NOT NULL, does TEXT NOT NULL, paused TEXT, next INTEGER, next_id TEXT, last TEXT, PRIMARY KEY (j, code)) WITHOUT ROWID;
CREATE TABLE bulletins (j TEXT NOT NULL, id TEXT NOT NULL, ord INTEGER NOT NULL, name TEXT NOT NULL, begins INTEGER NOT NULL, as_of INTEGER NOT NULL, rounding TEXT NOT NULL, approved INTEGER NOT NULL DEFAULT 0, corrects TEXT, figures TEXT NOT NULL, areas TEXT NOT NULL, code_version TEXT NOT NULL, overrides TEXT NOT NULL, PRIMARY KEY (j, id)) WITHOUT ROWID;
