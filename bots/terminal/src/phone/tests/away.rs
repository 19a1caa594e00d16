//! The other side goes away and comes back: nothing typed is lost, and no wish is made twice.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use picket_bus::{BusError, Requests};

use super::*;

/// A bus that can be cut: what is asked is still done, but no answer comes back.
struct Cut {
    bus: Arc<dyn Bus>,
    line: Arc<Line>,
}

/// What a test does to the connection.
#[derive(Default)]
struct Line {
    cut: AtomicBool,
    /// Cut as soon as a wish was done.
    cut_at_wish: AtomicBool,
    /// The notices of the phone, as long as the connection stands.
    notices: Mutex<Vec<mpsc::Sender<picket_bus::Request>>>,
    tries: AtomicU32,
}

impl Line {
    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        self.notices
            .lock()
            .expect("no test panics with the line in hand")
            .clear();
    }
}

#[async_trait]
impl Bus for Cut {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        let gone = || {
            Err(BusError::Gone(
                "the other side closed the connection".into(),
            ))
        };
        if self.line.cut.load(Ordering::SeqCst) {
            return gone();
        }
        let reply = self.bus.ask(subject, body, patience).await;
        if subject.starts_with("picket.do.") && self.line.cut_at_wish.swap(false, Ordering::SeqCst)
        {
            self.line.cut();
            return gone();
        }
        reply
    }

    async fn serve(&self, _: &str) -> Result<Requests, BusError> {
        let (send, requests) = mpsc::channel(8);
        self.line
            .notices
            .lock()
            .expect("no test panics with the line in hand")
            .push(send);
        Ok(Requests::new(requests))
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.bus.tell(subject, body).await
    }
}

/// A phone behind a line that can be cut, and a way back that fails so many times.
async fn behind(line: &Arc<Line>, failures: u32) -> Stage {
    let (kept, theirs) = (Arc::new(Mutex::new(None::<Arc<dyn Bus>>)), line.clone());
    let way = kept.clone();
    let reconnect: Reconnect = Arc::new(move || {
        let (bus, line) = (
            way.lock()
                .expect("no test panics with the way in hand")
                .clone(),
            theirs.clone(),
        );
        Box::pin(async move {
            let tried = line.tries.fetch_add(1, Ordering::SeqCst);
            bus.filter(|_| tried >= failures).map(Client::new)
        })
    });
    let through = |bus: Arc<dyn Bus>| -> Arc<dyn Bus> {
        *kept.lock().expect("no test panics with the way in hand") = Some(bus.clone());
        Arc::new(Cut {
            bus,
            line: line.clone(),
        })
    };
    Stage::over(Book::default(), through, Some(reconnect)).await
}

#[tokio::test]
async fn a_wish_whose_answer_was_lost_is_sent_again_with_its_id() {
    let line = Arc::new(Line {
        cut_at_wish: AtomicBool::new(true),
        ..Line::default()
    });
    let stage = behind(&line, 0).await;
    stage.says(&["/accept T-1"]).await;
    let (shown, book) = stage.end().await;
    let book = book.lock().expect("the book");
    assert_eq!(book.wishes.len(), 2, "{shown}");
    assert_eq!(book.wishes[0].0, book.wishes[1].0, "one wish has one id");
    assert!(shown.contains("已接单 T-1"), "{shown}");
    assert_eq!(
        (
            shown.matches("连接断开").count(),
            shown.matches("已重新连接").count()
        ),
        (1, 1),
        "{shown}"
    );
}

#[tokio::test]
async fn a_phone_that_waits_finds_its_way_back_and_shows_the_card_again() {
    let line = Arc::new(Line::default());
    let stage = behind(&line, 1).await;
    stage.says(&["/task T-1"]).await;
    stage.wait_for("我来接").await;
    let began = Instant::now();
    line.cut();
    stage.wait_for("连接断开").await;
    stage.says(&["a"]).await;
    stage.wait_for("已接单").await;
    assert!(
        began.elapsed() >= Duration::from_millis(200),
        "it does not knock without a pause"
    );
    assert_eq!(line.tries.load(Ordering::SeqCst), 2);
    let (shown, book) = stage.end().await;
    assert_eq!(
        book.lock().expect("the book").wishes.len(),
        1,
        "what was typed meanwhile is done once: {shown}"
    );
    let back = shown.find("已重新连接").expect("it says so");
    assert!(
        shown[back..].contains("[a] ✋ 我来接"),
        "the card in hand is shown again: {shown}"
    );
}

#[tokio::test]
async fn one_may_leave_while_the_other_side_is_away() {
    let line = Arc::new(Line::default());
    let stage = behind(&line, u32::MAX).await;
    stage.wait_for("待办").await;
    line.cut();
    stage.wait_for("连接断开").await;
    stage.says(&["/quit"]).await;
    let (shown, _) = stage.end().await;
    assert!(!shown.contains("已重新连接"), "{shown}");
}
