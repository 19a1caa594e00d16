//! A phone over a bus in memory, with a small book behind it.

use std::sync::Mutex;

use picket_bus::{Bus, MemoryBus, Served, Wanted, serve};
use picket_schemas::ask::{Inbox, Named, PersonView, Reply, RowView, TaskView};
use picket_schemas::courier::NoticeKind;
use tokio::sync::mpsc;

use super::*;

#[derive(Default)]
struct Book {
    accepted: bool,
    wishes: Vec<(String, serde_json::Value)>,
    stale: u32,
    busy: u32,
    afters: Vec<After>,
}

fn person() -> PersonView {
    PersonView { id: "420902/P-0017".into(), name: "哨兵 17".into(), roles: vec!["sentinel".into()], language: "zh".into(), ..PersonView::default() }
}

fn task(accepted: bool) -> TaskView {
    let me = || vec![Named { code: "420902/P-0017".into(), name: "哨兵 17".into() }];
    TaskView {
        jurisdiction: "420902".into(),
        task: "T-1".into(),
        batch: Named { code: "B-1".into(), name: "日常巡查".into() },
        post: None,
        area: Named { code: "420902003004".into(), name: "幸福里社区".into() },
        state: if accepted { "accepted" } else { "issued" }.into(),
        checklist: String::new(),
        offered: me(),
        holders: if accepted { me() } else { vec![] },
        need: 1,
        rows: vec![RowView { row: "I-1".into(), name: "育才托管".into(), address: "1 栋".into(), outcome: None, codes: vec![], note: String::new(), evidence: vec![], by: None, lead: None }],
        deadline: None,
        issued: Timestamp::UNIX_EPOCH,
        returned_because: None,
        rev: u64::from(accepted),
        sealed_until: None,
    }
}

fn serve_one(book: &Mutex<Book>, wanted: Wanted) -> Served {
    let mut book = book.lock().expect("no test panics with the book in hand");
    match wanted {
        Wanted::Wish { id, command, .. } => {
            book.wishes.push((id, command));
            if book.busy > 0 {
                book.busy -= 1;
                return Served::No(Problem::new("busy", "too much is waiting here", ""));
            }
            book.accepted = true;
            Served::Done(Answer { book: "dispatch/420902".into(), n: 7, created: vec![], unchanged: false })
        }
        Wanted::Question { question, after } => {
            book.afters.push(after);
            if book.stale > 0 {
                book.stale -= 1;
                return Served::View(Box::new(Reply { after: After::new(), view: View::Stale }));
            }
            let view = match question {
                Question::Person { .. } => View::Person(person()),
                Question::Inbox { .. } => View::Inbox(Inbox { person: Some(person()), offers: vec![task(false)], ..Inbox::default() }),
                Question::Task { .. } => View::Task(task(book.accepted)),
                _ => View::Unknown,
            };
            Served::View(Box::new(Reply { after: After::new(), view }))
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
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
        let book = Arc::new(Mutex::new(book));
        let behind = Arc::clone(&book);
        let books = [("dispatch".to_owned(), Jurisdiction::from("420902"))];
        serve(Arc::clone(&bus), &books, move |_, wanted| {
            let book = Arc::clone(&behind);
            async move { serve_one(&book, wanted) }
        })
        .await
        .expect("the bus serves");
        let (lines, keys) = mpsc::channel(16);
        let shown = Arc::new(Mutex::new(String::new()));
        let screen = Arc::clone(&shown);
        let keyboard = Keyboard::scripted(keys, move |text| screen.lock().expect("no test panics with the screen in hand").push_str(&(text + "\n")));
        let client = Client::new(bus);
        let now = "2026-10-08T06:50:00Z".parse().expect("an instant");
        let options = PhoneOptions { language: None, zone: TimeZone::UTC, colour: false, width: 80, clock: Arc::new(move || now), photos: None };
        let run = tokio::spawn(phone(client.clone(), PersonId::from("420902/P-0017"), options, keyboard));
        Self { book, client, lines, shown, run }
    }

    async fn says(&self, lines: &[&str]) {
        for line in lines {
            self.lines.send((*line).to_owned()).await.expect("the phone is there");
        }
    }

    /// Ends the lines and returns what was on the screen.
    async fn end(self) -> (String, Arc<Mutex<Book>>) {
        drop(self.lines);
        self.run.await.expect("the phone did not panic").expect("the phone ended cleanly");
        let shown = self.shown.lock().expect("the screen").clone();
        (shown, self.book)
    }
}

#[tokio::test]
async fn a_number_presses_a_button_of_the_last_card() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/task T-1", "1", "/quit"]).await;
    let (shown, book) = stage.end().await;
    let book = book.lock().expect("the book");
    assert_eq!(book.wishes.len(), 1, "{shown}");
    assert_eq!(book.wishes[0].1["do"], "dispatch.accept_task");
    assert!(shown.contains("[1] ✋ 我来接") && shown.contains("» 已接单 T-1") && shown.contains("[1] ▶ 开始填报"), "{shown}");
}

#[tokio::test]
async fn the_inbox_comes_first_and_the_end_of_the_lines_ends_the_phone() {
    let (shown, _) = Stage::set(Book::default()).await.end().await;
    assert!(shown.contains("待办 1 项") && shown.contains("打开 T-1"), "{shown}");
}

#[tokio::test]
async fn one_reads_one_s_own_writes() {
    let stage = Stage::set(Book::default()).await;
    stage.says(&["/accept T-1"]).await;
    let (_, book) = stage.end().await;
    let afters = book.lock().expect("the book").afters.clone();
    assert_eq!(afters.last().and_then(|after| after.get("dispatch/420902")), Some(&7));
    assert!(afters.first().is_some_and(After::is_empty));
}

#[tokio::test]
async fn a_stale_answer_is_asked_again() {
    let (shown, _) = Stage::set(Book { stale: 2, ..Book::default() }).await.end().await;
    assert!(shown.contains("待办 1 项"), "{shown}");
}

#[tokio::test]
async fn a_busy_book_gets_the_same_wish_again() {
    let stage = Stage::set(Book { busy: 2, ..Book::default() }).await;
    stage.says(&["/accept T-1"]).await;
    let (shown, book) = stage.end().await;
    let book = book.lock().expect("the book");
    assert_eq!(book.wishes.len(), 3);
    assert!(book.wishes.iter().all(|(id, _)| *id == book.wishes[0].0), "one wish has one id");
    assert!(shown.contains("已接单"), "{shown}");
}

#[tokio::test]
async fn a_notice_arrives_while_one_types_and_has_letters() {
    let stage = Stage::set(Book::default()).await;
    let notice = picket_bus::Notice {
        jurisdiction: "420902".into(),
        notice: "N-1".into(),
        to: PersonId::from("420902/P-0017"),
        kind: NoticeKind::Offer,
        about: "T-1".into(),
        at: Timestamp::UNIX_EPOCH,
        with: BTreeMap::new(),
    };
    // The phone may still be opening its line for notices.
    for _ in 0..100 {
        if stage.client.show(&notice).await == Ok(picket_bus::Seen::Shown) {
            break;
        }
        tokio::task::yield_now().await;
    }
    for _ in 0..1_000 {
        if stage.shown.lock().expect("the screen").contains("🔔") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stage.says(&["a"]).await;
    let (shown, book) = stage.end().await;
    assert!(shown.contains("🔔") && shown.contains("[a] ✋ 我来接"), "{shown}");
    assert_eq!(book.lock().expect("the book").wishes.len(), 1, "{shown}");
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
    assert_eq!(location("30.92 113.95 12"), Some(Input::Location { latitude: 30.92, longitude: 113.95, accuracy_m: Some(12.0) }));
    assert_eq!(location("30.92,113.95"), Some(Input::Location { latitude: 30.92, longitude: 113.95, accuracy_m: None }));
    assert_eq!(location("here"), None);
}
