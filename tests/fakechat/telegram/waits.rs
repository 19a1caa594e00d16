//! What a test waits for: that something was shown, told, counted or carried, or that all came to rest. Every wait
//! is bounded, and one that is in vain says what there was instead.

use std::time::Duration;

use picket_bus::{Carried, Handed};
use picket_ephemera::Ephemera;
use picket_fakechat::{Group, Person};
use picket_schemas::ask::NoticeView;
use picket_telegram::LogLine;

use crate::stage::{Stage, told};

impl Stage {
    /// Waits until a notice of somebody stands so, and returns it.
    pub(crate) async fn notice_stands(&self, code: &str, kind: &str, state: &str) -> NoticeView {
        for _ in 0..1_000 {
            if let Some(found) = self
                .notices(code)
                .await
                .into_iter()
                .find(|one| one.kind == kind && one.state == state)
            {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!(
            "no notice {kind} of {code} is {state}: {:?}",
            self.notices(code).await
        );
    }

    /// Waits until the bot took note that what an update led to was shown to its person.
    pub(crate) async fn was_shown(&self, person: &Person, update: u32) {
        let name = format!("telegram/7000000001/told/{}", person.number());
        for _ in 0..1_500 {
            let last = self
                .ephemera
                .get(&name)
                .await
                .expect("in memory")
                .and_then(|bytes| String::from_utf8(bytes).ok()?.parse::<u32>().ok());
            if last.is_some_and(|last| last >= update) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("update {update} is never shown");
    }

    /// Waits until all that was sent is confirmed, done and shown.
    pub(crate) async fn settled(&self) {
        for _ in 0..1_500 {
            self.chat.all_confirmed().await;
            if self.telegram().is_idle() && self.chat.unconfirmed() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the bot never comes to rest");
    }

    /// Waits until the board of a group shows this, which is the last it has to show, and all came to rest; how often it
    /// changed in its place does not matter.
    pub(crate) async fn looks_at_board_of(&self, group: &Group, shows: &str) {
        for _ in 0..1_500 {
            if let Some(board) = group.pinned()
                && group
                    .sees()
                    .messages
                    .iter()
                    .any(|one| one.message == board && one.text.contains(shows))
            {
                self.settled().await;
                return self.chat.any_state_of(group.number(), board);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!(
            "{} never has a board with `{shows}`: {:?}",
            group.number(),
            group.sees()
        );
    }

    /// Whether somebody was ever told these words, as the answer to a press or in the chat.
    pub(crate) fn heard(&self, person: &Person, words: &str) -> bool {
        self.chat
            .said()
            .iter()
            .any(|said| said.chat == person.number() && said.text.contains(words))
    }

    /// Waits until they were.
    pub(crate) async fn hears(&self, person: &Person, words: &str) {
        self.hears_one_of(person, &[words]).await;
    }

    /// Waits until they were told one of several.
    pub(crate) async fn hears_one_of(&self, person: &Person, words: &[&str]) {
        for _ in 0..3_000 {
            if words.iter().any(|words| self.heard(person, words)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!(
            "{} never hears {words:?}: {:#?}",
            person.number(),
            self.chat.said()
        );
    }

    /// Waits until whoever runs the bot was told something.
    pub(crate) async fn told(&self, words: &str) {
        for _ in 0..1_500 {
            if told(self).iter().any(|one| one.contains(words)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nobody was told `{words}`: {:?}", told(self));
    }

    /// Waits until the journals hold an event so often.
    pub(crate) async fn until_counted(&self, book: &str, kind: &str, times: usize) {
        for _ in 0..1_500 {
            if self.count(book, kind).await >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{book} never holds {times} {kind}");
    }

    /// The errors whoever runs the bot was told; from here on none of them fails the test.
    pub(crate) fn forgives_errors(&self) -> Vec<String> {
        let mut told = self.told.lock();
        told.extract_if(.., |one| matches!(one, LogLine::Error(_)))
            .map(|one| format!("{one:?}"))
            .collect()
    }

    /// Has a notice carried by whoever carries them, also in the moment when one stopped and the next did not begin.
    pub(crate) async fn carries(&self, notice: impl Fn(usize) -> Handed) {
        for n in 0..40 {
            match self
                .client()
                .carry(
                    picket_telegram::CHANNEL,
                    &notice(n),
                    Duration::from_secs(30),
                )
                .await
            {
                Ok(Carried::Sent) => return,
                Ok(Carried::Unserved | Carried::Deferred(..)) => {
                    tokio::time::sleep(Duration::from_millis(250)).await
                }
                other => panic!("it is not carried: {other:?}"),
            }
        }
        panic!("nobody carries it");
    }
}
