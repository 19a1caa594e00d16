//! Books as the bot reaches them: questions, wishes and notices over the bus, and who an account is.
//!
//! An account is looked up anew with every update, so that somebody who left the roster is nobody here from that
//! moment on. A question that is answered too early, and a wish that gets no clear answer, are retried with
//! backoff; a wish keeps its id, which makes that idempotent. It knows no rule of the trade, no chat and no card.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use picket_bus::{Carrying, Client};
use picket_schemas::ask::{After, PersonView, Question, Reply, View, Viewer};
use picket_schemas::{Answer, Jurisdiction, PersonId, Problem, Wish};

use crate::channel::{CHANNEL, edge};

/// Limit of attempts at a question that insight cannot answer yet, and the pause between two of them.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);
/// Backoff of a wish without a clear answer; four retries take three seconds at most.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(100))
    .with_max_times(4);

/// Error of books that cannot be reached now: the update is kept and handled later.
#[derive(Debug)]
pub(crate) struct BooksUnreachable;

/// Patience with books that do not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Long: a book that does not answer may be on its way to another process, and the update waits for it.
    Waits,
    /// At its end: the book was waited for long enough, and the person is told.
    Ends,
    /// None, for nobody asked: only a card that can be drawn now is one, and anything else comes later.
    Unasked,
}

/// Books over the bus.
pub(crate) struct BookClient {
    client: Client,
}

impl BookClient {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Asks insight as somebody, not before `after` is read. No answer at all means that the books are unavailable.
    pub(crate) async fn ask(
        &self,
        viewer: &PersonId,
        question: &Question,
        after: &After,
    ) -> Result<Result<View, Problem>, BooksUnreachable> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.ask_once(viewer, question, after).await {
                Ok(reply) if reply.view == View::Stale && tries < TRIES => {
                    tokio::time::sleep(PAUSE).await
                }
                Ok(reply) => return Ok(Ok(reply.view)),
                Err(problem) if is_unavailable(&problem) => return Err(BooksUnreachable),
                Err(problem) => return Ok(Err(problem)),
            }
        }
    }

    /// Asks insight as somebody, in a single attempt.
    pub(crate) async fn ask_once(
        &self,
        viewer: &PersonId,
        question: &Question,
        after: &After,
    ) -> Result<Reply, Problem> {
        self.client
            .ask(&Viewer::person(viewer), question, after)
            .await
    }

    /// Person or group an account belongs to.
    pub(crate) async fn identity(
        &self,
        account: i64,
        after: &After,
    ) -> Result<Option<PersonView>, BooksUnreachable> {
        match self
            .ask(&edge(), &identity_of(account.to_string()), after)
            .await?
        {
            Ok(View::Person(person)) => Ok(Some(person)),
            Ok(View::Stale) | Err(_) => Err(BooksUnreachable),
            Ok(_) => Ok(None),
        }
    }

    /// Group a chat is, if it is one of Picket's.
    pub(crate) async fn group_of(
        &self,
        chat: i64,
        after: &After,
    ) -> Result<Option<PersonId>, BooksUnreachable> {
        Ok(self
            .identity(chat, after)
            .await?
            .filter(is_group)
            .map(|group| group.id.as_str().into()))
    }

    /// Account a person or a group can be written to at.
    pub(crate) async fn account_of(
        &self,
        person: &PersonId,
    ) -> Result<Option<i64>, BooksUnreachable> {
        let question = Question::Accounts {
            person: person.clone(),
        };
        match self.ask(&edge(), &question, &After::new()).await? {
            Ok(View::Accounts(accounts)) => Ok(accounts
                .iter()
                .find(|account| account.channel == CHANNEL)
                .and_then(|account| account.account.parse().ok())),
            _ => Err(BooksUnreachable),
        }
    }

    /// True where anybody answers at all.
    pub(crate) async fn is_available(&self) -> bool {
        self.ask_once(&edge(), &identity_of(String::new()), &After::new())
            .await
            .is_ok_and(|reply| reply.view != View::Stale)
    }

    /// Sends a wish, in a single attempt.
    pub(crate) async fn wish_once(
        &self,
        at: &Jurisdiction,
        wish: &Wish,
    ) -> Result<Answer, Problem> {
        self.client.wish(at, wish).await
    }

    /// Sends a wish until a book answers it, as far as patience goes. A problem that is [`is_unavailable`] leaves
    /// its outcome unknown.
    pub(crate) async fn wish(
        &self,
        at: &Jurisdiction,
        wish: &Wish,
        patience: Patience,
    ) -> Result<Result<Answer, Problem>, BooksUnreachable> {
        let answered = (|| self.wish_once(at, wish))
            .retry(BACKOFF)
            .when(|problem| problem.code == "busy" || is_unavailable(problem))
            .await;
        match answered {
            // A book that changes hands answers soon; when all are away, the update is kept however long that takes.
            Err(problem)
                if is_unavailable(&problem)
                    && (patience == Patience::Waits || !self.is_available().await) =>
            {
                Err(BooksUnreachable)
            }
            answered => Ok(answered),
        }
    }

    /// Notices that courier hands over to this channel, as long as the stream is held.
    pub(crate) async fn notices(&self) -> Result<Carrying, Problem> {
        self.client.carrying(CHANNEL).await
    }
}

fn identity_of(account: String) -> Question {
    Question::Identity {
        channel: CHANNEL.to_owned(),
        account,
    }
}

/// True of a group, as the registry holds it.
pub(crate) fn is_group(person: &PersonView) -> bool {
    person.roles.iter().any(|role| role == "group")
}

/// True of a problem that says that nobody answers, for now.
pub(crate) fn is_unavailable(problem: &Problem) -> bool {
    matches!(problem.code.as_str(), "gone" | "nobody" | "outcome_unknown")
}
