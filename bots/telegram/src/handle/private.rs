//! Messages in a private chat: deep links that open or invite, and inputs of the dialogue.

use picket_conversation::{Input, Language, Texts};
use picket_schemas::PersonId;
use picket_schemas::ask::{After, PersonView};

use crate::books::BooksUnreachable;
use crate::handle::{Attempt, Handler, words};
use crate::invitation::{self, BindResult, DeepLink, Invitee};
use crate::output::Output;
use crate::reply::UpdateReply;
use crate::session_store::SessionRecord;
use crate::update::{Account, Content};
use crate::{photos, round};

/// Start of a private message, before its dialogue.
#[derive(Default)]
struct StartContext {
    /// Meaning of `/start`; none where something else was said.
    input: Option<Input>,
    /// Commits an invitation led to; nothing older is read.
    after: After,
    outputs: Vec<Output>,
}

/// Inputs a message holds, and the album it came in.
type MessageInputs = (Vec<Input>, Option<String>);

impl Handler {
    /// Handles a private message.
    pub(super) async fn private(
        &self,
        by: &Account,
        content: &Content,
        attempt: &Attempt<'_>,
    ) -> Result<Option<UpdateReply>, BooksUnreachable> {
        let start = match start_parameter(content) {
            Some(parameter) => self.start(by, parameter, attempt).await?,
            None => Some(StartContext::default()),
        };
        let Some(start) = start else {
            let text = self.words_for_stranger(by, "chat-bad-invite");
            return Ok(words(attempt, by, text));
        };
        let person = match self.sender(by, &start.after).await? {
            Ok(person) => person,
            Err(text) => return Ok(words(attempt, by, text)),
        };
        self.courier
            .heard(
                by.number,
                &PersonId::from(person.id.as_str()),
                start.input.is_some(),
                &attempt.cause,
                attempt.patience,
            )
            .await?;
        let record = self.dialogues.sessions.load(by.number, &person.id).await;
        if let Some(outputs) = self
            .dialogues
            .shown
            .repeated(by.number, &record, attempt.number)
            .await
        {
            let language = record.session.language();
            let reply = UpdateReply::new(attempt.number, by.number, language, outputs);
            return Ok(Some(reply));
        }
        let reply = self
            .converse(by, content, person, record, start, attempt)
            .await?;
        Ok(Some(reply))
    }

    /// Runs a round for each input of a message, in its person's own session.
    async fn converse(
        &self,
        by: &Account,
        content: &Content,
        person: PersonView,
        mut record: SessionRecord,
        mut start: StartContext,
        attempt: &Attempt<'_>,
    ) -> Result<UpdateReply, BooksUnreachable> {
        record.after.append(&mut start.after);
        self.dialogues.meet(&mut record, &person);
        let inputs = match start.input {
            Some(input) => Ok((vec![input], None)),
            None => self.inputs(content).await,
        };
        let (mut outputs, mut album) = (start.outputs, None);
        match inputs {
            Ok((inputs, of)) => {
                album = of;
                for (n, input) in inputs.into_iter().enumerate() {
                    let cause = format!("{}-{n}", attempt.cause);
                    let dialogue = self.dialogues.begin(&mut record, cause, input);
                    outputs.extend(round::run(&self.books, dialogue, attempt.patience).await?);
                }
            }
            Err(key) => outputs.push(Output::Words(Texts::of(record.session.language()).say(key))),
        }
        let language = record.session.language();
        self.dialogues
            .save(by.number, record, attempt.number, &outputs)
            .await;
        Ok(UpdateReply {
            album,
            roles: Some(person.roles),
            ..UpdateReply::new(attempt.number, by.number, language, outputs)
        })
    }

    /// Begins with the parameter of `/start`; none where it is an invitation that is good for nobody.
    async fn start(
        &self,
        by: &Account,
        parameter: &str,
        attempt: &Attempt<'_>,
    ) -> Result<Option<StartContext>, BooksUnreachable> {
        let mut start = StartContext {
            input: Some(Input::Start),
            ..StartContext::default()
        };
        match invitation::parse(parameter) {
            Some(DeepLink::Open(id)) => start.input = Some(Input::Text(id)),
            Some(DeepLink::Invitation { home, token }) => {
                let invitee = Invitee::Person(by.number);
                let bound = self
                    .invitations
                    .bind(invitee, &home, &token, &attempt.cause)
                    .await?;
                match bound {
                    BindResult::Bound(book, n) => {
                        start.after.insert(book, n);
                        if let Some(person) = self.books.identity(by.number, &start.after).await? {
                            let name = &[("name", person.name.as_str().into())];
                            let linked = words_of(&person).with("chat-linked", name);
                            start.outputs.push(Output::Words(linked));
                        }
                    }
                    // Opened once more by its own person, a link does no harm.
                    BindResult::Refused
                        if self
                            .books
                            .identity(by.number, &start.after)
                            .await?
                            .is_some() => {}
                    BindResult::Refused => return Ok(None),
                }
            }
            None => {}
        }
        Ok(Some(start))
    }

    /// Sender of a message; or the words for strangers and those who left, a few times an hour.
    async fn sender(
        &self,
        by: &Account,
        after: &After,
    ) -> Result<Result<PersonView, Option<String>>, BooksUnreachable> {
        Ok(match self.books.identity(by.number, after).await? {
            Some(person) if !person.roles.is_empty() => Ok(person),
            Some(_) => Err(self.words_for_stranger(by, "chat-left")),
            None => Err(self.words_for_stranger(by, "chat-not-linked")),
        })
    }

    /// Inputs a message holds for the dialogue; or the key of the text that says why it cannot be taken.
    async fn inputs(&self, content: &Content) -> Result<MessageInputs, &'static str> {
        match content {
            Content::Text(text) => Ok((vec![Input::Text(text.clone())], None)),
            Content::Location {
                latitude,
                longitude,
                accuracy_m,
            } => Ok((
                vec![Input::Location {
                    latitude: *latitude,
                    longitude: *longitude,
                    accuracy_m: *accuracy_m,
                }],
                None,
            )),
            Content::File {
                file,
                size,
                name,
                album,
                caption,
            } => {
                let hash = photos::fetch(&self.outbox, file, *size).await?;
                // A photo has no name of its own; the front of its hash tells it from others.
                let name = if name.is_empty() {
                    hash.chars().take(8).collect()
                } else {
                    name.clone()
                };
                let mut inputs = vec![Input::Photo { hash, name }];
                if !caption.trim().is_empty() {
                    inputs.push(Input::Text(caption.clone()));
                }
                Ok((inputs, album.clone()))
            }
            Content::Forwarded => Err("chat-forwarded"),
            Content::Other => Err("chat-unsupported"),
        }
    }
}

/// Parameter of `/start`, where that is the message.
fn start_parameter(content: &Content) -> Option<&str> {
    let Content::Text(text) = content else {
        return None;
    };
    text.trim()
        .strip_prefix("/start")
        .filter(|rest| rest.is_empty() || rest.starts_with(' '))
        .map(str::trim)
}

fn words_of(person: &PersonView) -> &'static Texts {
    Texts::of(Language::parse(&person.language).unwrap_or_default())
}
