//! The messages between edges and books: the JSON that travels.
//!
//! [`Client`](crate::Client) sends them, and [`serve_books`](crate::serve_books) reads and answers them. They do not
//! know who sends or answers them, nor how long that may take.

use std::collections::BTreeMap;

use picket_schemas::ask::{After, Question, Reply, Viewer};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{Answer, Command, CommandId, Jurisdiction, PersonId, Problem};
use serde::{Deserialize, Serialize};

/// A wish or a question as it travels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeRequest {
    /// A wish: the command is JSON, so that one that is not understood is refused with a sentence.
    Wish {
        id: String,
        by: PersonId,
        via: String,
        made: jiff::Timestamp,
        observed: Option<jiff::Timestamp>,
        trace: String,
        command: serde_json::Value,
    },
    /// A question, not to be answered before these positions are read, with as much as the viewer may see. Its id
    /// is one for every repetition and every replica that hears it, so that a look is logged once.
    Question {
        question: Question,
        after: After,
        #[serde(default)]
        viewer: Viewer,
        #[serde(default)]
        id: String,
    },
}

/// [`EdgeRequest::Wish`] as it is sent: the same JSON, written from what the caller holds.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EdgeRequestRef<'a> {
    Wish {
        id: &'a CommandId,
        by: &'a PersonId,
        via: &'a str,
        made: &'a jiff::Timestamp,
        observed: &'a Option<jiff::Timestamp>,
        trace: &'a str,
        command: &'a Command,
    },
}

/// The reply to a wish or a question.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeReply {
    Done(Answer),
    View(Box<Reply>),
    No(Problem),
}

/// A notice as a screen gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub jurisdiction: Jurisdiction,
    pub notice: String,
    pub to: PersonId,
    pub kind: NoticeKind,
    pub about: String,
    pub at: jiff::Timestamp,
    pub with: BTreeMap<String, String>,
    /// What must be read before its card is drawn: the fact that it was handed over, and so all it follows from.
    #[serde(default)]
    pub after: After,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_as_it_was_sent() {
        let (id, by, made) = (
            CommandId::from("w-1"),
            PersonId::from("990101/P-01"),
            jiff::Timestamp::UNIX_EPOCH,
        );
        let command =
            Command::parse(serde_json::json!({"do": "dispatch.accept_task", "task": "T-1"}))
                .expect("a command");
        let observed = Some(jiff::Timestamp::UNIX_EPOCH);
        let sent = serde_json::to_vec(&EdgeRequestRef::Wish {
            id: &id,
            by: &by,
            via: "bench",
            made: &made,
            observed: &observed,
            trace: "00-1",
            command: &command,
        })
        .expect("JSON");
        let Ok(EdgeRequest::Wish {
            id: read,
            by: who,
            via,
            made: then,
            observed: seen,
            trace,
            command: what,
        }) = serde_json::from_slice(&sent)
        else {
            panic!("no wish")
        };
        assert_eq!(
            (read.as_str(), who, via.as_str(), then, seen, trace.as_str()),
            ("w-1", by, "bench", made, observed, "00-1")
        );
        assert_eq!(Command::parse(what).expect("a command"), command);
    }
}
