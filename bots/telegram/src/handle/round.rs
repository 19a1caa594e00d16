//! Round an update begins: in its person's own session, or in one beside it.

use picket_conversation::{Input, Language, fills};
use picket_schemas::ask::{After, PersonView};

use crate::books::BooksUnreachable;
use crate::dialogues::Dialogues;
use crate::handle::{Attempt, Handler};
use crate::output::Output;
use crate::round;
use crate::session_store::SessionRecord;
use crate::update::Account;

impl Handler {
    /// Person an account belongs to, as long as that person is on the roster.
    pub(super) async fn on_roster(
        &self,
        by: &Account,
    ) -> Result<Option<PersonView>, BooksUnreachable> {
        let person = self.books.identity(by.number, &After::new()).await?;
        Ok(person.filter(|person| !person.roles.is_empty()))
    }

    /// Runs a round with a press, or a command typed in a group; its outputs, in which language.
    pub(super) async fn round(
        &self,
        by: &Account,
        person: &PersonView,
        own: SessionRecord,
        in_group: bool,
        input: Input,
        attempt: &Attempt<'_>,
    ) -> Result<(Language, Vec<Output>), BooksUnreachable> {
        // In a group nothing disturbs what somebody is doing in private; forms are filled in in private.
        let beside = in_group && !fills(&input);
        let mut record = if beside { Dialogues::beside(&own) } else { own };
        self.dialogues.meet(&mut record, person);
        let cause = attempt.cause.clone();
        let dialogue = self.dialogues.begin(&mut record, cause, input);
        let outputs = round::run(&self.books, dialogue, attempt.patience).await?;
        let language = record.session.language();
        if beside {
            self.dialogues
                .save_beside(by.number, record, attempt.number, &outputs)
                .await;
        } else {
            self.dialogues
                .save(by.number, record, attempt.number, &outputs)
                .await;
        }
        Ok((language, outputs))
    }
}
