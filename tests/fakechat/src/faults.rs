//! Faults: how a call may go wrong, how often, and for which method and chat.

use std::time::Duration;

/// A fault of the platform or of the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429: wait so many seconds. Nothing is done.
    TooMany(u64),
    /// 403 in these words.
    Forbidden(String),
    /// 400 in these words.
    Bad(String),
    /// 409: somebody else receives.
    Conflict,
    /// An error of the server itself, in the API's words. Nothing is done.
    Server(u16),
    /// A page of somebody in between instead of an answer. Nothing is done.
    Page(u16),
    /// Done, and answered with such a page.
    PageAfter(u16),
    /// Nothing happens for so long; then it goes on as usual.
    Hang(Duration),
    /// Done, and answered so much later.
    Slow(Duration),
    /// Done, and the connection ends without an answer.
    CutAfter,
    /// The connection ends before anything is done.
    CutBefore,
    /// Done, and answered with something that is no answer.
    Junk,
}

/// A fault that waits for its call.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) method: String,
    pub(crate) chat: Option<i64>,
    pub(crate) fault: Fault,
    pub(crate) left: u32,
}

/// Takes the first fault that fits a call.
pub(crate) fn take(rules: &mut Vec<Rule>, method: &str, chat: Option<i64>) -> Option<Fault> {
    let at = rules.iter().position(|rule| {
        rule.method.eq_ignore_ascii_case(method) && (rule.chat.is_none() || rule.chat == chat)
    })?;
    let rule = &mut rules[at];
    let fault = rule.fault.clone();
    rule.left -= 1;
    if rule.left == 0 {
        rules.remove(at);
    }
    Some(fault)
}
