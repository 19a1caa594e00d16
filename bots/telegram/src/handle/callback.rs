//! Callback queries: buttons somebody pressed, each answered within a second.

use std::sync::Arc;
use std::time::Duration;

use picket_conversation::Input;
use picket_schemas::PersonId;

use crate::books::BooksUnreachable;
use crate::handle::{Attempt, Handler};
use crate::output::{Output, Press};
use crate::reply::UpdateReply;
use crate::update::{Account, UpdateBody};

/// Timeout after which a callback query is answered without words.
const SOON: Duration = Duration::from_millis(500);

impl Handler {
    /// Press an update is, if it is one. It is answered within a second, however long it waits in its lane.
    pub(crate) fn press(&self, body: &UpdateBody) -> Option<Arc<Press>> {
        let UpdateBody::Callback { query, message, .. } = body else {
            return None;
        };
        let press = Arc::new(Press::new(query.clone(), *message));
        let (outbox, soon) = (self.outbox.clone(), press.clone());
        tokio::spawn(async move {
            tokio::time::sleep(SOON).await;
            if soon.claim() {
                // The person's program stops waiting; the toasts follow.
                drop(outbox.api.answer(&soon.query, "").await);
            }
        });
        Some(press)
    }

    /// Handles a press of a button.
    pub(super) async fn callback(
        &self,
        by: &Account,
        data: &str,
        group: Option<i64>,
        attempt: &Attempt<'_>,
    ) -> Result<Option<UpdateReply>, BooksUnreachable> {
        let reply = |(language, outputs)| {
            Some(UpdateReply {
                group,
                press: attempt.press.cloned(),
                ..UpdateReply::new(attempt.number, by.number, language, outputs)
            })
        };
        let Some(person) = self.on_roster(by).await? else {
            let toast = Output::Toast(by.words().say("chat-not-linked"));
            return Ok(reply((by.speaks(), vec![toast])));
        };
        match group {
            Some(chat) => self.courier.heard_in_group(chat, &attempt.cause),
            None => {
                self.courier
                    .heard(
                        by.number,
                        &PersonId::from(person.id.as_str()),
                        false,
                        &attempt.cause,
                        attempt.patience,
                    )
                    .await?
            }
        }
        let own = self.dialogues.sessions.load(by.number, &person.id).await;
        if let Some(outputs) = self
            .dialogues
            .shown
            .repeated(by.number, &own, attempt.number)
            .await
        {
            return Ok(reply((own.session.language(), outputs)));
        }
        let input = Input::Press(data.to_owned());
        let done = self
            .round(by, &person, own, group.is_some(), input, attempt)
            .await?;
        if let Some(chat) = group {
            self.groups.show_later(chat, false);
        }
        Ok(reply(done))
    }
}
