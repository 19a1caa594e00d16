//! The server as a test holds it: starts it, makes people and groups, asks for faults, and settles at the end
//! whether anything happened that no test expected.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::faults::{Fault, Rule};
use crate::group::Group;
use crate::limits::Limits;
use crate::person::{Person, Screen, Shown};
use crate::world::{Account, Call, GroupChat, Said, SaidWhat, World};

/// How long a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// The token of every bot here: a canary that must turn up in no log and no error.
const TOKEN: &str = "7000000001:AAcanary-canary_canary-canary_canary";

struct Inner {
    world: Mutex<World>,
    changed: watch::Sender<u64>,
    url: String,
}

/// A chat server.
#[derive(Clone)]
pub struct FakeChat(Arc<Inner>);

impl std::fmt::Debug for FakeChat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FakeChat").field(&self.0.url).finish()
    }
}

impl FakeChat {
    /// Starts one on a free loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free");
        let url = format!(
            "http://{}",
            listener
                .local_addr()
                .expect("a bound listener has an address")
        );
        let world = World {
            token: TOKEN.to_owned(),
            bot: 7_000_000_001,
            bot_name: "picket_test_bot".to_owned(),
            last_update: 100,
            ..World::default()
        };
        let chat = Self(Arc::new(Inner {
            world: Mutex::new(world),
            changed: watch::Sender::new(0),
            url,
        }));
        // It serves as long as the test's own runtime lives.
        drop(tokio::spawn(crate::server::serve(chat.clone(), listener)));
        chat
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The token it knows.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// A person with an account of this number, who speaks Chinese.
    pub fn person(&self, name: &str, number: i64) -> Person {
        self.person_speaking(name, number, "zh-hans")
    }

    /// A person whose program speaks another language.
    pub fn person_speaking(&self, name: &str, number: i64, language: &str) -> Person {
        assert!(number > 0, "people have numbers above zero");
        self.with(|world| {
            world.people.insert(
                number,
                Account {
                    name: name.to_owned(),
                    language: language.to_owned(),
                    started: false,
                    blocked: false,
                },
            )
        });
        Person::new(self.clone(), number)
    }

    /// A group the bot is in.
    pub fn group(&self, title: &str, number: i64) -> Group {
        assert!(number < 0, "groups have numbers below zero");
        self.with(|world| {
            world.groups.insert(
                number,
                GroupChat {
                    title: title.to_owned(),
                    moved_to: None,
                    removed: false,
                },
            )
        });
        Group::new(self.clone(), number)
    }

    /// The next so many calls of a method go wrong; with a chat, only those about it. `download` is a method too.
    pub fn fails(&self, method: &str, chat: Option<i64>, fault: Fault, times: u32) {
        assert!(times > 0, "a fault that never happens tests nothing");
        self.with(|world| {
            world.rules.push(Rule {
                method: method.to_owned(),
                chat,
                fault,
                left: times,
            })
        });
    }

    /// Every update is delivered once more after it was confirmed.
    pub fn doubles_updates(&self) {
        self.with(|world| world.doubles = true);
    }

    /// Updates that wait together come in the wrong order.
    pub fn reorders_updates(&self) {
        self.with(|world| world.reorders = true);
    }

    /// Enforces the platform's limits.
    pub fn enforces(&self, limits: Limits) {
        self.with(|world| world.limits = Some(limits));
    }

    /// How often somebody was told to wait because of the limits.
    pub fn told_to_wait(&self) -> u64 {
        self.with_quietly(|world| world.sent.refused)
    }

    /// Waits until every fault that was asked for has happened.
    pub async fn faults_are_over(&self) {
        self.until("every fault happens", |world| {
            world.rules.is_empty().then_some(())
        })
        .await;
    }

    /// What was asked for and did not happen will not happen any more.
    pub fn forgets_faults(&self) {
        self.with(|world| world.rules.clear());
    }

    /// How many faults happened.
    pub fn faults_hit(&self) -> u64 {
        self.with_quietly(|world| world.hit)
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.with_quietly(|world| world.calls.clone())
    }

    /// Everything the bot said so far, in order.
    pub fn said(&self) -> Vec<Said> {
        self.with_quietly(|world| world.said.clone())
    }

    /// What the bot said after the first so many.
    pub fn said_after(&self, count: usize) -> Vec<Said> {
        self.with_quietly(|world| world.said.get(count..).unwrap_or_default().to_vec())
    }

    /// The commands set for a scope, such as `chat 7017` or `all_private_chats`, and a language.
    pub fn commands(&self, scope: &str, language: &str) -> Option<Vec<(String, String)>> {
        self.with_quietly(|world| {
            world
                .commands
                .get(&(scope.to_owned(), language.to_owned()))
                .cloned()
        })
    }

    /// Puts anything at all before the bot as an update, and returns its number.
    pub fn sends_update(&self, kind: &str, what: serde_json::Value) -> u32 {
        self.with(|world| world.update(kind, what))
    }

    /// Waits until the bot confirmed everything there was.
    pub async fn all_confirmed(&self) {
        self.until("all updates are confirmed", |world| {
            (world.updates.is_empty() && world.again.is_empty()).then_some(())
        })
        .await;
    }

    /// Updates the bot has not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.with_quietly(|world| world.updates.len())
    }

    /// Fails the test when the bot said anything nobody looked for, left a press without an answer, answered one
    /// later than a second, or did what no bot should.
    pub fn nothing_unexpected(&self) {
        self.with_quietly(|world| {
            let mut wrong = world.wrong.clone();
            wrong.extend(
                world
                    .said
                    .iter()
                    .filter(|said| !said.expected && !world.unseen.contains(&said.chat))
                    .map(|said| {
                        format!(
                            "nobody expected {:?} in {}: {} {:?}",
                            said.what, said.chat, said.text, said.buttons
                        )
                    }),
            );
            for query in world.queries.values() {
                match &query.answered {
                    None => wrong.push(format!("a press of {} was never answered", query.person)),
                    Some((_, at)) if at.duration_since(query.made) > Duration::from_secs(1) => {
                        wrong.push(format!(
                            "a press of {} was answered after {:?}",
                            query.person,
                            at.duration_since(query.made)
                        ))
                    }
                    Some(_) => {}
                }
            }
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        });
    }

    /// Presses so far may have been answered late.
    pub fn late_is_fine(&self) {
        self.with_quietly(|world| world.queries.retain(|_, query| query.answered.is_none()));
    }

    /// Presses may stay without an answer in this test.
    pub fn unanswered_is_fine(&self) {
        self.with_quietly(|world| world.queries.retain(|_, query| query.answered.is_some()));
    }

    /// Nobody looks at what is said to somebody: it may be anything, now and later.
    pub fn ignores(&self, person: &Person) {
        self.with_quietly(|world| world.unseen.insert(person.number()));
    }

    /// Whatever one message showed so far needs no further look: how often a card changes in its place may be chance.
    pub fn any_state_of(&self, chat: i64, message: i32) {
        self.with_quietly(|world| {
            world
                .said
                .iter_mut()
                .filter(|said| said.chat == chat && said.message == message)
                .for_each(|said| said.expected = true)
        });
    }

    /// The bot's messages in a chat, oldest first.
    pub(crate) fn screen(&self, chat: i64) -> Screen {
        self.with_quietly(|world| {
            let messages = world
                .messages
                .range((chat, 0)..=(chat, i32::MAX))
                .filter(|(_, message)| message.by_bot)
                .map(|((_, id), message)| Shown {
                    message: *id,
                    text: message.text.clone(),
                    buttons: message
                        .buttons
                        .iter()
                        .map(|row| row.iter().map(|(label, _)| label.clone()).collect())
                        .collect(),
                    picture: message.picture.clone(),
                });
            Screen {
                messages: messages.collect(),
            }
        })
    }

    pub(crate) fn knows(&self, bot: &str) -> bool {
        self.with_quietly(|world| bot.strip_prefix("bot") == Some(world.token.as_str()))
    }

    /// Looks at or changes the world, and wakes whoever waits for a change.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let result = self.with_quietly(act);
        self.0.changed.send_modify(|version| *version += 1);
        result
    }

    pub(crate) fn with_quietly<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.world.lock())
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// Waits until something is so; a test that waits too long fails with what was said.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        mut look: impl FnMut(&mut World) -> Option<T>,
    ) -> T {
        let mut changed = self.changes();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.with_quietly(&mut look) {
                return found;
            }
            // A confirmation wakes nobody, so there is a look now and then besides.
            let soon = deadline.min(tokio::time::Instant::now() + Duration::from_millis(100));
            drop(tokio::time::timeout_at(soon, changed.changed()).await);
            assert!(
                tokio::time::Instant::now() < deadline,
                "waited in vain: {what}\n{}",
                self.told()
            );
        }
    }

    fn told(&self) -> String {
        let lines: Vec<_> = self
            .said()
            .iter()
            .map(|said| {
                format!(
                    "{}{:?} in {}: {} {:?}",
                    if said.expected { "  " } else { "? " },
                    said.what,
                    said.chat,
                    said.text,
                    said.buttons
                )
            })
            .collect();
        lines.join("\n")
    }
}

impl FakeChat {
    /// Waits for something that nobody looked for yet, and marks it as expected.
    pub(crate) async fn expect(&self, chat: i64, words: &str, kinds: &[SaidWhat]) -> Said {
        self.until(&format!("{chat} gets `{words}`"), |world| {
            let found = world.said.iter_mut().find(|said| {
                !said.expected
                    && said.chat == chat
                    && kinds.contains(&said.what)
                    && said.text.contains(words)
            })?;
            found.expected = true;
            Some(found.clone())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::world::Query;

    #[tokio::test]
    #[should_panic(expected = "nobody expected Message in 17: surprise")]
    async fn a_press_left_open_excuses_no_message_the_test_did_not_look_for() {
        let chat = FakeChat::start().await;
        chat.person("s", 17);
        chat.with(|world| {
            let made = Instant::now()
                .checked_sub(Duration::from_millis(600))
                .expect("the machine runs for longer");
            world.queries.insert(
                "query-1".to_owned(),
                Query {
                    person: 17,
                    made,
                    answered: Some((String::new(), Instant::now())),
                },
            );
            world.note(17, SaidWhat::Message, 1, "surprise", &[], false);
        });
        chat.nothing_unexpected();
    }
}
