//! One round of a dialogue: drives the session, asks and writes for it, shows what it says.
//!
//! A wish's id is made of the update that led to it, so an update that is delivered again repeats the same
//! wish and the books answer as before. It decides nothing: rights and rules are the books'.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use picket_conversation::{Audience, Card, Context, Input, Turn, Words};
use picket_schemas::{Answer, Command, CommandId, Jurisdiction, PersonId, Problem, Wish};
use tokio::time::Instant;

use crate::bot::{Bot, CHANNEL, NotNow, is_away};
use crate::line::Haste;
use crate::render::{self, Rendered};
use crate::seats::Seat;
use crate::trouble::Trouble;

/// How often a wish is sent again before the person is told.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);
/// How long the other books get to act upon what was just done: it belongs on the next card.
const FOLLOWS: Duration = Duration::from_millis(80);
/// The longest text the platform shows as the answer to a press.
const TOAST: usize = 190;
/// How many photos are shown with one card.
const PHOTOS: usize = 4;
/// How long it is remembered that a photo was shown in a chat, and which message shows a card.
const SHOWN: Duration = Duration::from_secs(12 * 60 * 60);
const CARD: Duration = Duration::from_secs(48 * 60 * 60);

/// A press that waits for its answer.
#[derive(Debug)]
pub(crate) struct Press {
    pub(crate) query: String,
    /// The message the button stands on.
    pub(crate) message: Option<i32>,
    answered: AtomicBool,
}

impl Press {
    pub(crate) fn new(query: String, message: Option<i32>) -> Self {
        Self { query, message, answered: AtomicBool::new(false) }
    }

    /// True for the first who asks: that one answers.
    pub(crate) fn claim(&self) -> bool {
        !self.answered.swap(true, Ordering::SeqCst)
    }
}

/// A round.
pub(crate) struct Talk<'a> {
    pub(crate) bot: &'a Bot,
    pub(crate) seat: &'a mut Seat,
    /// Where private cards go.
    pub(crate) private: i64,
    /// The group it happens in, if in one.
    pub(crate) group: Option<i64>,
    /// The front of the ids of what is wished in it.
    pub(crate) cause: String,
    pub(crate) haste: Haste,
    pub(crate) deadline: Instant,
    pub(crate) press: Option<&'a Press>,
    /// The album a photo came in.
    pub(crate) album: Option<String>,
    wishes: u32,
    toasts: Vec<String>,
    /// The pressed message still shows what was pressed.
    fresh: bool,
    /// How many messages went out.
    pub(crate) shown: usize,
    /// What kept the first that did not.
    pub(crate) trouble: Option<Trouble>,
}

impl<'a> Talk<'a> {
    pub(crate) fn new(bot: &'a Bot, seat: &'a mut Seat, private: i64, cause: String, haste: Haste, deadline: Instant) -> Self {
        Self {
            bot,
            seat,
            private,
            group: None,
            cause,
            haste,
            deadline,
            press: None,
            album: None,
            wishes: 0,
            toasts: Vec::new(),
            fresh: true,
            shown: 0,
            trouble: None,
        }
    }

    /// Feeds the session and does what it says until it has nothing more to do.
    pub(crate) async fn round(&mut self, input: Input) -> Result<(), NotNow> {
        let person = PersonId::from(self.seat.person.as_str());
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let turns = {
                let cx = Context { now: self.bot.now(), zone: &self.bot.settings.zone, person: &person };
                self.seat.session.handle(input, &cx)
            };
            for turn in turns {
                match turn {
                    Turn::Show(card) => self.card(&card, false).await,
                    Turn::Edit(card) => self.card(&card, true).await,
                    Turn::Toast(text) => self.toasts.push(text),
                    Turn::Ask(question) => inputs.push_back(match self.bot.ask(&person, &question, &self.seat.after).await? {
                        Ok(view) => Input::Answered(Box::new(view)),
                        Err(problem) => Input::Failed(problem),
                    }),
                    Turn::Do { at, command, observed } => {
                        let done = self.wish(&person, &at, *command, observed).await?;
                        // Also after a refusal: who was faster is on the next card.
                        tokio::time::sleep(FOLLOWS).await;
                        inputs.push_back(Input::Done(done));
                    }
                    // Whoever began the round puts the dialogue back.
                    Turn::Remember => {}
                }
            }
        }
        self.say_the_rest().await;
        Ok(())
    }

    /// One wish has one id, however often it must be sent, and however often its update comes.
    async fn wish(&mut self, by: &PersonId, at: &Jurisdiction, command: Command, observed: Option<Timestamp>) -> Result<Result<Answer, Problem>, NotNow> {
        let verb = command.verb().rsplit('.').next().unwrap_or_default();
        let id = CommandId::from(format!("{}-{}-{verb}", self.cause, self.wishes));
        self.wishes += 1;
        let wish = Wish { id, by: by.clone(), via: CHANNEL.to_owned(), made: self.bot.now(), observed, trace: String::new(), command };
        let mut tries = 0;
        loop {
            tries += 1;
            match self.bot.client.wish(at, &wish).await {
                Ok(answer) => {
                    let read = self.seat.after.entry(answer.book.clone()).or_default();
                    *read = answer.n.max(*read);
                    return Ok(Ok(answer));
                }
                Err(problem) if tries < TRIES && (problem.code == "busy" || is_away(&problem)) => tokio::time::sleep(PAUSE * tries).await,
                // One book that is away is told of; when all are, what came is kept.
                Err(problem) if is_away(&problem) && !self.bot.books_answer().await => return Err(NotNow),
                Err(problem) => return Ok(Err(problem)),
            }
        }
    }

    /// Shows a card in its chat: in place where it stands already, else as a new message.
    async fn card(&mut self, card: &Card, edit: bool) {
        let group = self.group.filter(|_| card.audience == Audience::Group);
        let chat = group.unwrap_or(self.private);
        let moved = self.group.is_some() && group.is_none();
        if moved {
            self.toasts.push(Words::of(self.seat.session.language()).say("chat-in-private"));
        }
        self.answer_press().await;
        let mut shown = render::card(card);
        // What the answer to the press could not say any more.
        self.lead_with_toasts(&mut shown);
        let before = self.message_of(chat, &card.key).await;
        if edit && !moved && shown.parts.len() == 1 {
            let pressed = self.press.and_then(|press| press.message).filter(|_| self.fresh);
            self.fresh = false;
            if let Some(message) = pressed.or(before) {
                match self.bot.line.edit(chat, message, &shown, self.deadline).await {
                    Ok(()) => {
                        self.shown += 1;
                        self.stands_at(chat, &card.key, message, before).await;
                        return self.photos(chat, card).await;
                    }
                    Err(Trouble::NoMessage) => {}
                    Err(why) => return self.did_not(chat, why),
                }
            }
        }
        match self.bot.line.send(chat, &shown, self.haste, self.deadline).await {
            Ok(message) => {
                self.shown += 1;
                self.stands_at(chat, &card.key, message, before).await;
                self.photos(chat, card).await;
            }
            Err(why) => self.did_not(chat, why),
        }
    }

    fn did_not(&mut self, chat: i64, why: Trouble) {
        self.bot.not_sent(chat, &why);
        self.trouble.get_or_insert(why);
    }

    /// What was said before the card stands above it, so that one message does.
    fn lead_with_toasts(&mut self, shown: &mut Rendered) {
        if self.toasts.is_empty() || self.album.is_some() {
            return;
        }
        let said: Vec<_> = self.toasts.drain(..).map(|text| format!("<i>{}</i>", render::escape(&text))).collect();
        if let Some(first) = shown.parts.first_mut() {
            *first = format!("{}\n\n{first}", said.join("\n"));
        }
    }

    /// Answers the press with what was said so far. What is too long for that, or comes too late, stays to be said.
    async fn answer_press(&mut self) {
        let Some(press) = self.press else { return };
        if !press.claim() {
            return;
        }
        let text = self.toasts.join("\n");
        let cut: String = text.chars().take(TOAST).collect();
        let whole = cut.len() == text.len();
        let answered = self.bot.line.answer(&press.query, &if whole { cut } else { format!("{cut}…") }).await;
        if whole && answered.is_ok() {
            self.toasts.clear();
        }
    }

    /// Says what no card carried.
    async fn say_the_rest(&mut self) {
        self.answer_press().await;
        if self.toasts.is_empty() {
            return;
        }
        let said = render::words(&std::mem::take(&mut self.toasts).join("\n"));
        if let Some(album) = self.album.clone() {
            return self.count_album(album, &said).await;
        }
        match self.bot.line.send(self.private, &said, self.haste, self.deadline).await {
            Ok(_) => self.shown += 1,
            Err(why) => self.did_not(self.private, why),
        }
    }

    /// The photos of an album come one by one; one message counts them.
    async fn count_album(&mut self, album: String, said: &Rendered) {
        let counting = self.seat.album.take().filter(|(known, _)| *known == album).map(|(_, message)| message);
        if let Some(message) = counting
            && self.bot.line.edit(self.private, message, said, self.deadline).await.is_ok()
        {
            self.seat.album = Some((album, message));
            return;
        }
        match self.bot.line.send(self.private, said, self.haste, self.deadline).await {
            Ok(message) => self.seat.album = Some((album, message)),
            Err(why) => self.did_not(self.private, why),
        }
    }

    /// The photos of a card, each once in a chat. Only in private: there may be people on them.
    async fn photos(&mut self, chat: i64, card: &Card) {
        for hash in card.media.iter().take(PHOTOS).filter(|_| chat == self.private) {
            let known = self.bot.key(&format!("shown/{chat}/{hash}"));
            // Whether it was shown before is unknown when the store is away: a photo twice is better than none.
            if matches!(self.bot.settings.ephemera.put_if_absent(&known, b"1", SHOWN).await, Ok(false)) {
                continue;
            }
            let (blobs, hash) = (self.bot.blobs.clone(), hash.clone());
            let Ok(Some(jpeg)) = tokio::task::spawn_blocking(move || blobs.clean(&hash).ok().and_then(|_| blobs.read_clean(&hash))).await else { continue };
            if let Err(why) = self.bot.line.picture(chat, jpeg, self.haste, self.deadline).await {
                self.bot.not_sent(chat, &why);
            }
        }
    }

    fn card_name(&self, chat: i64, key: &str) -> String {
        self.bot.key(&format!("card/{chat}/{}", picket_schemas::commit::hash(key.as_bytes())))
    }

    /// The message that shows a card, as far as that is known. One that shows another card by now does not.
    async fn message_of(&self, chat: i64, key: &str) -> Option<i32> {
        let bytes = self.bot.settings.ephemera.get(&self.card_name(chat, key)).await.ok().flatten()?;
        let message = std::str::from_utf8(&bytes).ok()?.parse().ok()?;
        let shows = self.bot.settings.ephemera.get(&self.message_name(chat, message)).await.ok().flatten()?;
        (shows == key.as_bytes()).then_some(message)
    }

    fn message_name(&self, chat: i64, message: i32) -> String {
        self.bot.key(&format!("message/{chat}/{message}"))
    }

    /// A card stands at a message from now on; the one before loses its buttons, so that one thing has one live card.
    async fn stands_at(&self, chat: i64, key: &str, message: i32, before: Option<i32>) {
        // Lost, it costs a new message and nothing else.
        drop(self.bot.settings.ephemera.put(&self.card_name(chat, key), message.to_string().as_bytes(), CARD).await);
        drop(self.bot.settings.ephemera.put(&self.message_name(chat, message), key.as_bytes(), CARD).await);
        if let Some(before) = before.filter(|before| *before != message) {
            self.bot.line.strip(chat, before).await;
        }
    }
}
