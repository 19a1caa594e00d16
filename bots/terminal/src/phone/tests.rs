//! A phone over a bus in memory, with a small book behind it.

use std::sync::Mutex;

use picket_bus::{Bus, EdgeReply, EdgeRequest, MemoryBus, serve_books, serve_questions};
use picket_schemas::ask::{CaseView, Inbox, Named, PersonView, Reply, RowView, TaskView};
use picket_schemas::courier::NoticeKind;
use tokio::sync::mpsc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_schemas::ask::{Question, View};
use picket_schemas::{Answer, Jurisdiction, Problem};

use super::*;

mod away;

#[derive(Default)]
struct Book {
    accepted: bool,
    wishes: Vec<(String, serde_json::Value)>,
    stale: u32,
    busy: u32,
    afters: Vec<After>,
    offers: Vec<&'static str>,
}

fn person() -> PersonView {
    PersonView {
        id: "420902/P-0017".into(),
        name: "哨兵 17".into(),
        roles: vec!["sentinel".into()],
        language: "zh".into(),
        ..PersonView::default()
    }
}

fn task(accepted: bool) -> TaskView {
    let me = || {
        vec![Named {
            code: "420902/P-0017".into(),
            name: "哨兵 17".into(),
        }]
    };
    TaskView {
        jurisdiction: "420902".into(),
        task: "T-1".into(),
        batch: Named {
            code: "B-1".into(),
            name: "日常巡查".into(),
        },
        post: None,
        area: Named {
            code: "420902003004".into(),
            name: "幸福里社区".into(),
        },
        state: if accepted { "accepted" } else { "issued" }.into(),
        checklist: String::new(),
        offered: me(),
        holders: if accepted { me() } else { vec![] },
        need: 1,
        rows: vec![RowView {
            row: "I-1".into(),
            name: "育才托管".into(),
            address: "1 栋".into(),
            outcome: None,
            codes: vec![],
            note: String::new(),
            evidence: vec![],
            by: None,
            lead: None,
        }],
        deadline: None,
        issued: Timestamp::UNIX_EPOCH,
        returned_because: None,
        rev: u64::from(accepted),
        sealed_until: None,
    }
}

/// The offers of the inbox; one where a test names none.
fn offers(tasks: &[&str]) -> Vec<TaskView> {
    let tasks = if tasks.is_empty() { &["T-1"] } else { tasks };
    tasks
        .iter()
        .map(|id| TaskView {
            task: (*id).into(),
            ..task(false)
        })
        .collect()
}

fn case() -> CaseView {
    let named = |code: &str| Named {
        code: code.into(),
        name: code.into(),
    };
    CaseView {
        jurisdiction: "420902".into(),
        case: "C-1".into(),
        lead: "L-1".into(),
        state: "filed".into(),
        subject: named("I-1"),
        codes: vec![],
        department: named("edu"),
        officers: vec![],
        post: None,
        owner: None,
        generation: 1,
        orders: vec![],
        refund_fen: 0,
        penalties: 0,
        timeline: vec![],
        rev: 1,
    }
}

fn serve_one(book: &Mutex<Book>, wanted: EdgeRequest) -> EdgeReply {
    let mut book = book.lock().expect("no test panics with the book in hand");
    match wanted {
        EdgeRequest::Wish { id, command, .. } => {
            book.wishes.push((id, command));
            if book.busy > 0 {
                book.busy -= 1;
                return EdgeReply::No(Problem::new("busy", "too much is waiting here", ""));
            }
            book.accepted = true;
            EdgeReply::Done(Answer {
                book: "dispatch/420902".into(),
                n: 7,
                created: vec![],
                unchanged: false,
            })
        }
        EdgeRequest::Question {
            question,
            after,
            viewer,
            ..
        } => {
            assert_eq!(
                viewer.person.as_ref().map(PersonId::as_str),
                Some("420902/P-0017"),
                "the phone says whose it is"
            );
            book.afters.push(after);
            if book.stale > 0 {
                book.stale -= 1;
                return EdgeReply::View(Box::new(Reply {
                    after: After::new(),
                    view: View::Stale,
                }));
            }
            let view = match question {
                Question::Person { .. } => View::Person(person()),
                Question::Inbox { .. } => View::Inbox(Inbox {
                    person: Some(person()),
                    offers: offers(&book.offers),
                    ..Inbox::default()
                }),
                Question::Case { .. } => View::Case(case()),
                Question::Task { .. } => View::Task(task(book.accepted)),
                _ => View::Unknown,
            };
            EdgeReply::View(Box::new(Reply {
                after: After::new(),
                view,
            }))
        }
    }
}

struct Stage {
    book: Arc<Mutex<Book>>,
    client: Client,
    lines: mpsc::Sender<String>,
    shown: Arc<Mutex<String>>,
    run: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Stage {
    async fn set(book: Book) -> Self {
        Self::over(book, |bus| bus, None).await
    }

    /// A phone that reaches the bus of its book through another.
    async fn over(
        book: Book,
        through: impl FnOnce(Arc<dyn Bus>) -> Arc<dyn Bus>,
        reconnect: Option<Reconnect>,
    ) -> Self {
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
        let book = Arc::new(Mutex::new(book));
        let behind = Arc::clone(&book);
        let books = [("dispatch".to_owned(), Jurisdiction::from("420902"))];
        let answer = move |_, wanted| {
            let book = Arc::clone(&behind);
            async move { Some(serve_one(&book, wanted)) }
        };
        serve_books(Arc::clone(&bus), &books, answer.clone())
            .await
            .expect("the bus serves");
        serve_questions(Arc::clone(&bus), answer)
            .await
            .expect("the bus serves");
        let (lines, keys) = mpsc::channel(16);
        let shown = Arc::new(Mutex::new(String::new()));
        let screen = Arc::clone(&shown);
        let keyboard = Keyboard::scripted(keys, move |text| {
            screen
                .lock()
                .expect("no test panics with the screen in hand")
                .push_str(&(text + "\n"))
        });
        let client = Client::new(bus.clone());
        let now = "2026-10-08T06:50:00Z".parse().expect("an instant");
        let options = PhoneOptions {
            language: None,
            zone: TimeZone::UTC,
            colour: false,
            width: 80,
            clock: Arc::new(move || now),
            photos: None,
            reconnect,
        };
        let run = tokio::spawn(phone(
            Client::new(through(bus)),
            PersonId::from("420902/P-0017"),
            options,
            keyboard,
        ));
        Self {
            book,
            client,
            lines,
            shown,
            run,
        }
    }

    /// Offers sent at once, until the screen has them.
    async fn notify(&self, tasks: &[&str]) {
        let sent: Vec<_> = tasks.iter().map(|task| self.send(task)).collect();
        for sent in sent {
            sent.await.expect("no sender panics");
        }
        self.wait_for("🔔").await;
    }

    /// An offer on its way: the phone may still be opening its line for notices.
    fn send(&self, task: &str) -> tokio::task::JoinHandle<()> {
        let notice = picket_bus::Notice {
            jurisdiction: "420902".into(),
            notice: format!("N-{task}"),
            to: PersonId::from("420902/P-0017"),
            kind: NoticeKind::Offer,
            about: task.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            with: BTreeMap::new(),
            after: [("courier/420902".to_owned(), 12)].into(),
        };
        let client = self.client.clone();
        tokio::spawn(async move {
            for _ in 0..100 {
                if client.show(&notice).await == Ok(picket_bus::ScreenOutcome::Shown) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        })
    }

    /// Waits until something stands on the screen, three seconds at most.
    async fn wait_for(&self, text: &str) {
        for _ in 0..1_500 {
            if self.shown.lock().expect("the screen").contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!(
            "`{text}` does not come:\n{}",
            self.shown.lock().expect("the screen")
        );
    }

    async fn says(&self, lines: &[&str]) {
        for line in lines {
            self.lines
                .send((*line).to_owned())
                .await
                .expect("the phone is there");
        }
    }

    /// Ends the lines and returns what was on the screen.
    async fn end(self) -> (String, Arc<Mutex<Book>>) {
        drop(self.lines);
        self.run
            .await
            .expect("the phone did not panic")
            .expect("the phone ended cleanly");
        let shown = self.shown.lock().expect("the screen").clone();
        (shown, self.book)
    }
}

#[tokio::test]
async fn a_letter_presses_a_button_of_the_card_in_hand() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/task T-1", "a", "/quit"]).await;
    let (shown, book) = stage.end().await;
    let book = book.lock().expect("the book");
    assert_eq!(book.wishes.len(), 1, "{shown}");
    assert_eq!(book.wishes[0].1["do"], "dispatch.accept_task");
    assert!(
        shown.contains("[a] ✋ 我来接")
            && shown.contains("» 已接单 T-1")
            && shown.contains("[a] ▶ 开始填报"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_inbox_comes_first_and_the_end_of_the_lines_ends_the_phone() {
    let (shown, _) = Stage::set(Book::default()).await.end().await;
    assert!(
        shown.contains("待办 1 项") && shown.contains("打开 T-1"),
        "{shown}"
    );
}

#[tokio::test]
async fn one_reads_one_s_own_writes() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/accept T-1"]).await;
    let (_, book) = stage.end().await;
    let afters = book.lock().expect("the book").afters.clone();
    assert_eq!(
        afters.last().and_then(|after| after.get("dispatch/420902")),
        Some(&7)
    );
    assert!(afters.first().is_some_and(After::is_empty));
}

#[tokio::test]
async fn a_stale_answer_is_asked_again() {
    let (shown, _) = Stage::set(Book {
        stale: 2,
        ..Book::default()
    })
    .await
    .end()
    .await;
    assert!(shown.contains("待办 1 项"), "{shown}");
}

#[tokio::test]
async fn a_busy_book_gets_the_same_wish_again() {
    let stage = Stage::set(Book {
        busy: 2,
        ..Book::default()
    })
    .await;
    stage.says(&["/accept T-1"]).await;
    let (shown, book) = stage.end().await;
    let book = book.lock().expect("the book");
    assert_eq!(book.wishes.len(), 3);
    assert!(
        book.wishes.iter().all(|(id, _)| *id == book.wishes[0].0),
        "one wish has one id"
    );
    assert!(shown.contains("已接单"), "{shown}");
}

#[tokio::test]
async fn a_notice_arrives_while_one_types_and_has_letters_of_its_own() {
    let stage = Stage::set(Book::default()).await;
    stage.notify(&["T-1"]).await;
    stage.says(&["aa"]).await;
    let (shown, book) = stage.end().await;
    assert!(
        shown.contains("🔔") && shown.contains("[aa] ✋ 我来接"),
        "{shown}"
    );
    assert_eq!(book.lock().expect("the book").wishes.len(), 1, "{shown}");
}

#[tokio::test]
async fn offers_that_come_together_are_one_card() {
    let stage = Stage::set(Book {
        offers: vec!["T-1", "T-2", "T-3"],
        ..Book::default()
    })
    .await;
    stage.notify(&["T-1", "T-2", "T-3"]).await;
    let (shown, _) = stage.end().await;
    assert!(
        shown.contains("🔔 🟦 3 项新任务") && shown.contains("✋ 接 T-3"),
        "{shown}"
    );
    assert_eq!(shown.matches("🔔").count(), 1, "{shown}");
}

#[tokio::test]
async fn a_number_is_never_a_press_and_the_person_is_told_how_to_press() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/task T-1", "1"]).await;
    let (shown, book) = stage.end().await;
    assert!(book.lock().expect("the book").wishes.is_empty(), "{shown}");
    assert!(shown.contains("按钮用字母"), "{shown}");
    assert!(shown.contains("按按钮：输入方括号里的字母"), "{shown}");
}

#[tokio::test]
async fn a_number_behind_a_hash_presses_too() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/task T-1", "#1"]).await;
    let (shown, book) = stage.end().await;
    assert_eq!(book.lock().expect("the book").wishes.len(), 1, "{shown}");
}

#[tokio::test]
async fn where_a_number_is_asked_for_a_number_is_the_answer() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/refund C-1", "1", "回单"]).await;
    let (shown, _) = stage.end().await;
    assert!(shown.contains("直接输入数字回答"), "{shown}");
    assert!(
        shown.contains("1.00 元"),
        "one yuan, not the first button: {shown}"
    );
}

#[tokio::test]
async fn a_photo_that_is_not_there_is_said() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/photo /nowhere/a.jpg", "/inbox"]).await;
    let (shown, _) = stage.end().await;
    assert!(shown.contains("✗ could not open /nowhere/a.jpg"), "{shown}");
}

#[test]
fn a_place_is_read_from_two_or_three_numbers() {
    assert_eq!(
        location("30.92 113.95 12"),
        Some(Input::Location {
            latitude: 30.92,
            longitude: 113.95,
            accuracy_m: Some(12.0)
        })
    );
    assert_eq!(
        location("30.92,113.95"),
        Some(Input::Location {
            latitude: 30.92,
            longitude: 113.95,
            accuracy_m: None
        })
    );
    assert_eq!(location("here"), None);
}
