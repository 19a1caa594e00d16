//! The stage: a small county with all its books in memory, the bot before them, and the chat server.
//!
//! The clock stands at a working morning until a test moves it. Whatever the bot would tell whoever runs it
//! is kept, and looked at in the end: no error that was not asked for, and never the token.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use parking_lot::Mutex;
use picket_bus::Client;
use picket_calendar::Calendar;
use picket_ephemera::MemoryEphemera;
use picket_fakechat::{FakeChat, Group, Person};
use picket_journal::MemoryJournal;
use picket_node::embedded::{Awake, Embedded};
use picket_node::projection::InsightThread;
use picket_runtime::{Clock, Engine};
use picket_schemas::ask::{After, NoticeView, Question, TaskView, View, Viewer};
use picket_schemas::registry::Territory;
use picket_schemas::{Answer, Command, CommandId, Jurisdiction, PersonId, Problem, Wish};
use picket_telegram::{BotSettings, LogLine, Telegram, Token};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::way::Way;

pub(crate) const HOME: &str = "990101";
/// Tuesday morning, within office hours.
const MORNING: &str = "2026-03-03T01:30:00Z";

/// Everything of a test.
pub(crate) struct Stage {
    pub(crate) chat: FakeChat,
    pub(crate) desk: Embedded,
    pub(crate) clock: Clock,
    pub(crate) ephemera: Arc<MemoryEphemera>,
    pub(crate) told: Arc<Mutex<Vec<LogLine>>>,
    pub(crate) blobs: tempfile::TempDir,
    /// What lies between the bot and the books.
    pub(crate) way: Arc<Way>,
    /// The clock breaks whoever asks it so many times more.
    pub(crate) breaks: Arc<AtomicU32>,
    bot: Option<Running>,
    wishes: u32,
}

/// A process with a bot: all it does runs on threads of its own, and ends with them.
pub(crate) struct Running {
    pub(crate) telegram: Telegram,
    stop: oneshot::Sender<()>,
    run: JoinHandle<()>,
    threads: Threads,
}

struct Threads(Option<Runtime>);

impl Threads {
    fn new() -> Self {
        Self(Some(
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("threads"),
        ))
    }

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("they run until they are ended")
    }

    /// Ends everything on them where it stands.
    async fn end(mut self) {
        let runtime = self.0.take().expect("they run until they are ended");
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(10)))
            .await
            .expect("they end");
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Stage {
    /// A county with its people, and a bot that listens.
    pub(crate) async fn set() -> Self {
        let mut stage = Self::without_bot().await;
        stage.start_bot().await;
        stage
    }

    /// The same before the bot is started.
    pub(crate) async fn without_bot() -> Self {
        let territory = Territory {
            jurisdictions: [(Jurisdiction::from(HOME), None)].into_iter().collect(),
        };
        let clock = Clock::driven(MORNING.parse().expect("an instant"));
        let insight = InsightThread::in_memory(&territory)
            .unwrap_or_else(|_| panic!("insight opens in memory"));
        let engine = Engine::new(
            Arc::new(MemoryJournal::new()),
            territory,
            picket_node::services::kinds(),
            clock.clone(),
            Calendar::china(),
        );
        let desk = Embedded::start(engine, insight, Awake::All)
            .await
            .unwrap_or_else(|_| panic!("the books open"));
        let way = Arc::new(Way::new(desk.bus()));
        let mut stage = Self {
            chat: FakeChat::start().await,
            desk,
            way,
            breaks: Arc::default(),
            clock,
            ephemera: Arc::new(MemoryEphemera::new()),
            told: Arc::default(),
            blobs: tempfile::tempdir().expect("a folder"),
            bot: None,
            wishes: 0,
        };
        stage.people().await;
        stage
    }

    /// Starts the bot.
    pub(crate) async fn start_bot(&mut self) {
        let bot = self.replica("one").await;
        self.bot = Some(bot);
    }

    /// Starts another process before the same books, which runs until it is dropped.
    pub(crate) async fn replica(&self, holder: &str) -> Running {
        self.process(holder, Some(self.ephemera.clone())).await
    }

    /// Starts another process that shares no store with the others.
    pub(crate) async fn loner(&self, holder: &str) -> Running {
        self.process(holder, None).await
    }

    async fn process(&self, holder: &str, shared: Option<Arc<MemoryEphemera>>) -> Running {
        let (told, now, breaks) = (self.told.clone(), self.clock.clone(), self.breaks.clone());
        let tell = move |what: LogLine| {
            // Seen where a test fails.
            eprintln!("{what:?}");
            told.lock().push(what);
        };
        let token = Token::parse(self.chat.token()).expect("a token");
        let mut settings = BotSettings::alone(
            token,
            TimeZone::get("Asia/Shanghai").expect("a zone"),
            self.blobs.path().join("blobs"),
            tell,
        );
        settings.api = Some(self.chat.url().to_owned());
        settings.clock = Arc::new(move || {
            let broken = breaks
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok();
            assert!(!broken, "broken by the test");
            now.now()
        });
        settings.shared = shared.is_some();
        if let Some(shared) = shared {
            settings.ephemera = shared;
        }
        settings.boards = Duration::from_millis(300);
        settings.rests = Duration::ZERO;
        settings.holder = holder.to_owned();
        let threads = Threads::new();
        let client = Client::new(self.way.clone());
        let telegram = threads
            .runtime()
            .spawn(picket_telegram::connect(client, settings))
            .await
            .expect("it does not break")
            .expect("the bot connects");
        let (stop, stopped) = oneshot::channel();
        let runs = telegram.clone();
        let run = threads.runtime().spawn(async move {
            runs.run(async { drop(stopped.await) })
                .await
                .expect("the bot runs");
        });
        Running {
            telegram,
            stop,
            run,
            threads,
        }
    }

    /// Stops the bot as a polite kill does.
    pub(crate) async fn stop_bot(&mut self) {
        let bot = self.bot.take().expect("the bot runs");
        Self::stop(bot).await;
    }

    /// Another one takes the place of the first.
    pub(crate) async fn goes_on_with(&mut self, bot: Running) {
        if let Some(before) = self.bot.replace(bot) {
            Self::stop(before).await;
        }
    }

    pub(crate) async fn stop(bot: Running) {
        bot.stop.send(()).expect("the bot listens for its end");
        bot.run.await.expect("the bot ends cleanly");
        bot.threads.end().await;
    }

    /// Ends the bot where it stands, as `kill -9` does.
    pub(crate) async fn kill_bot(&mut self) {
        self.bot.take().expect("the bot runs").threads.end().await;
    }

    /// From now on the books do not answer the bot, or do again.
    pub(crate) fn books_away(&self, away: bool) {
        self.way.block(away);
    }

    pub(crate) fn telegram(&self) -> &Telegram {
        &self.bot.as_ref().expect("the bot runs").telegram
    }

    pub(crate) fn client(&self) -> Client {
        self.desk.client()
    }

    /// Ends everything, and fails where anything happened that nobody expected.
    pub(crate) async fn ends(mut self) {
        self.chat.all_confirmed().await;
        if self.bot.is_some() {
            self.stop_bot().await;
        }
        self.chat.nothing_unexpected();
        let told = self.told.lock().clone();
        for one in &told {
            assert!(
                !format!("{one:?}").contains("AAcanary"),
                "the token was told: {one:?}"
            );
            assert!(!matches!(one, LogLine::Error(_)), "nobody expected {one:?}");
        }
        self.desk.close().await;
    }

    /// Waits until insight has read all there is.
    pub(crate) async fn until_insight_read(&self) {
        self.asks(Question::Areas {
            person: PersonId::new(&HOME.into(), "P-0001"),
        })
        .await;
    }

    /// How far the journal of a service is.
    pub(crate) async fn written_in(&self, service: &str) -> u64 {
        self.written()
            .get(&format!("{service}/{HOME}"))
            .copied()
            .unwrap_or_default()
    }

    /// Wishes something as somebody of the county.
    pub(crate) async fn tries(&mut self, by: &str, command: Value) -> Result<Answer, Problem> {
        self.wishes += 1;
        let command = Command::parse(command).expect("a command");
        let wish = Wish {
            id: CommandId::from(format!("stage-{}", self.wishes)),
            by: PersonId::new(&HOME.into(), by),
            via: "test".into(),
            made: self.clock.now(),
            observed: None,
            trace: String::new(),
            command,
        };
        self.client().wish(&HOME.into(), &wish).await
    }

    pub(crate) async fn does(&mut self, by: &str, command: Value) -> Answer {
        self.tries(by, command.clone())
            .await
            .unwrap_or_else(|problem| panic!("{command}: {problem:?}"))
    }

    /// A batch over the first so many institutions of the community, offered to these people.
    pub(crate) async fn issues_batch(&mut self, name: &str, people: &[&str]) -> String {
        let command = json!({"do": "dispatch.issue_batch", "name": name, "select": {"area": "990101001"}, "assign": {"to": "offer", "people": people, "accept": "first"}, "window": {"amount": 5, "unit": "wd"}});
        self.does("P-0001", command)
            .await
            .created
            .into_iter()
            .find(|id| id.contains("B-"))
            .expect("a batch")
    }

    /// Invites somebody, who then opens the link and is welcomed with an empty inbox.
    pub(crate) async fn binds(&self, person: &Person, code: &str) {
        let invitation = self
            .telegram()
            .invite(
                &PersonId::new(&HOME.into(), code),
                &PersonId::new(&HOME.into(), "P-0001"),
            )
            .await
            .expect("an invitation");
        person.opens(&invitation.link);
        person.gets("绑定成功").await;
        person.gets("待办").await;
    }

    /// A chat group of the community, whose invitation somebody opens there.
    pub(crate) async fn binds_group(&mut self, person: &Person, group: &Group) {
        self.does("P-0001", json!({"do": "registry.enrol_person", "code": "G-01", "name": "幸福里工作群", "roles": "group", "area": "990101001", "language": "zh"})).await;
        self.binds_group_again(person, group).await;
    }

    /// The same group's next invitation, opened wherever it may be.
    pub(crate) async fn binds_group_again(&self, person: &Person, group: &Group) {
        let invitation = self
            .telegram()
            .invite(
                &PersonId::new(&HOME.into(), "G-01"),
                &PersonId::new(&HOME.into(), "P-0001"),
            )
            .await
            .expect("an invitation");
        person.opens_in(group, &invitation.link);
        group.gets("本群已绑定").await;
    }

    pub(crate) async fn asks(&self, question: Question) -> View {
        for _ in 0..50 {
            let reply = self
                .client()
                .ask(
                    &Viewer::person(&PersonId::new(&HOME.into(), "operator")),
                    &question,
                    &self.written(),
                )
                .await
                .expect("insight answers");
            if reply.view != View::Stale {
                return reply.view;
            }
        }
        panic!("insight never caught up");
    }

    pub(crate) async fn task(&self, task: &str) -> TaskView {
        match self
            .asks(Question::Task {
                jurisdiction: HOME.into(),
                task: task.to_owned(),
            })
            .await
        {
            View::Task(task) => task,
            other => panic!("no task {task}: {other:?}"),
        }
    }

    pub(crate) async fn notices(&self, code: &str) -> Vec<NoticeView> {
        match self
            .asks(Question::Notices {
                person: PersonId::new(&HOME.into(), code),
            })
            .await
        {
            View::Notices(notices) => notices,
            other => panic!("no notices: {other:?}"),
        }
    }

    /// Everything the books wrote so far.
    fn written(&self) -> After {
        picket_node::projection::heads(self.desk.live().engine())
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .collect()
    }

    /// How often the journals hold an event.
    pub(crate) async fn count(&self, book: &str, kind: &str) -> usize {
        let engine = self.desk.live().engine();
        let books: Vec<_> = engine
            .books()
            .into_iter()
            .filter(|name| name.service() == book)
            .collect();
        let mut causal = picket_reading::CausalReader::new(
            engine.journal.clone(),
            &books,
            &std::collections::BTreeMap::new(),
        );
        let mut count = 0;
        loop {
            let batch = causal.next(256).await.expect("the journal can be read");
            if batch.is_empty() {
                return count;
            }
            let json = batch
                .iter()
                .flat_map(|commit| &commit.commit.entries)
                .flat_map(|entry| &entry.events)
                .map(|event| serde_json::to_value(event).unwrap_or_default());
            count += json.filter(|event| event["type"] == kind).count();
        }
    }

    async fn people(&mut self) {
        let area = |code: &str, name: &str, level: &str, parent: Option<&str>| json!({"do": "registry.define_area", "code": code, "name": name, "level": level, "parent": parent});
        let person = |code: &str, name: &str, roles: &str, area: &str, department: Option<&str>| json!({"do": "registry.enrol_person", "code": code, "name": name, "roles": roles, "area": area, "department": department, "certificate": format!("C-{code}"), "language": "zh"});
        let mut commands = vec![
            area(HOME, "示例县", "county", None),
            area("990101001", "幸福里社区", "community", Some(HOME)),
            json!({"do": "registry.define_department", "code": "edu", "name": "教育局", "area": HOME}),
            person(
                "P-0001",
                "coordinator 1",
                "coordinator;dispatcher",
                HOME,
                None,
            ),
            person("P-0002", "leader 2", "post_leader", "990101001", None),
            person("P-0017", "sentinel 17", "sentinel", "990101001", None),
            person("P-0018", "sentinel 18", "sentinel", "990101001", None),
            person("P-0030", "inspector 30", "inspector", HOME, Some("edu")),
            json!({"do": "registry.define_post", "code": "PO-01", "name": "幸福里哨点", "kind": "community", "area": "990101001", "leader": "P-0002", "members": "P-0017;P-0018"}),
            json!({"do": "registry.set_route", "order": 1, "violation": "*", "training": "*", "lead": "edu"}),
        ];
        for n in 1..=2 {
            commands.push(json!({"do": "registry.register_institution", "code": format!("I-{n:04}"), "name": format!("机构 {n}"), "kind": "institution", "training": "arts", "address": format!("幸福路 {n} 号"), "area": "990101001"}));
        }
        for command in commands {
            self.does("operator", command).await;
        }
    }
}

/// What whoever runs the bot was told.
pub(crate) fn told(stage: &Stage) -> Vec<String> {
    stage
        .told
        .lock()
        .iter()
        .map(|one| format!("{one:?}"))
        .collect()
}

/// A small JPEG that says where it was taken.
pub(crate) fn photo(shade: u8) -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(24, 16, image::Rgb([shade, 90, 90]))
        .write_to(&mut plain, image::ImageFormat::Jpeg)
        .expect("a picture");
    let plain = plain.into_inner();
    let camera = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0GPS-CANARY";
    let length = u16::try_from(camera.len() + 2).expect("short");
    [
        &plain[..2],
        &[0xff, 0xe1],
        &length.to_be_bytes(),
        camera,
        &plain[2..],
    ]
    .concat()
}

/// How many files of a folder hold these bytes.
pub(crate) fn files_with(folder: &Path, word: &[u8]) -> usize {
    let files = std::fs::read_dir(folder).expect("a folder").flatten();
    files
        .filter(|entry| {
            std::fs::read(entry.path())
                .is_ok_and(|bytes| bytes.windows(word.len()).any(|window| window == word))
        })
        .count()
}
