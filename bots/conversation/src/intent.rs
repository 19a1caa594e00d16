//! Intents: a verb, a thing, and perhaps an argument.
//!
//! Buttons and typed commands both become an [`Intent`], so that both take the same way through the
//! rules. It does not know whether the person may do it: that is decided where the record is kept.

use serde::{Deserialize, Serialize};

use crate::forms::{FormKind, shows};

/// The view that must be read before an intent can be acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadNeeds {
    Nothing,
    Inbox,
    Person,
    Task,
    Batch,
    Board,
    Lead,
    Case,
    Order,
    Timeline,
    Bulletin,
    Notices,
}

macro_rules! verbs {
    ($($var:ident $wire:literal $needs:ident),* $(,)?) => {
        /// The verb of an intent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum IntentVerb { $( #[doc = concat!("`", $wire, "`")] #[serde(rename = $wire)] $var ),* }

        impl IntentVerb {
            /// Every verb.
            pub const ALL: &'static [Self] = &[$(Self::$var),*];

            /// The name in the data of a button.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$var => $wire),* }
            }

            /// Reads a name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($wire => Some(Self::$var),)* _ => None }
            }

            fn needs(self) -> ReadNeeds {
                match self { $(Self::$var => ReadNeeds::$needs),* }
            }
        }
    };
}

verbs! {
    // Where one is.
    Inbox "inbox" Inbox, More "more" Inbox, Leads "leads" Inbox, Board "board" Board, Help "help" Nothing, WhoAmI "whoami" Person, Language "lang" Nothing,
    Bulletin "bulletin" Bulletin, ApproveBulletin "bless" Bulletin, Notices "notices" Notices, Timeline "timeline" Timeline, Resume "resume" Nothing, Cancel "cancel" Nothing,
    // A sweep task.
    Task "task" Task, Accept "accept" Task, Decline "decline" Task, Rows "rows" Task, HandOver "hand" Task,
    Submit "submit" Task, Nil "nil" Task, Approve "approve" Task, Return "return" Task, CancelTask "drop" Task,
    // Its sheet, row by row.
    Start "start" Task, Row "row" Task, Fill "fill" Task, Code "code" Task, Page "page" Task, Picked "picked" Task, Urgent "urgent" Task,
    Save "save" Task, Back "back" Task, Summary "sum" Task, Later "later" Task,
    // Batches and places.
    Batch "batch" Batch, NewBatch "new" Nothing, Report "report" Nothing,
    // A lead.
    Lead "lead" Lead, Classify "classify" Lead, Route "route" Lead, RouteTo "routeto" Lead, Joint "joint" Lead, Merge "merge" Lead,
    NotOurs "notours" Lead, Outcome "outcome" Lead, Verdict "verdict" Lead, FileCase "file" Lead,
    // A case.
    Case "case" Case, IssueOrder "draft" Case, Penalty "penalty" Case, Refund "refund" Case, Suspend "suspend" Case, LookBack "lookback" Case,
    // An order.
    Order "order" Order, Serve "serve" Order, Fix "fix" Order, Verify "verify" Order, Pass "pass" Order, Fail "fail" Order,
    Extend "extend" Order, Park "park" Order, Unpark "unpark" Order,
    // A step of the ladder.
    Step "step" Inbox, Acknowledge "ack" Inbox, Sign "sign" Inbox,
    // A form that is being filled: pick an answer, go back, leave out, confirm, drop.
    Pick "pick" Nothing, FormBack "prev" Nothing, LeaveOut "skip" Nothing, Confirm "ok" Nothing, Drop "away" Nothing, FormPage "turn" Nothing,
    // A form that is declared with its command and has no word of its own; its name is the argument.
    Form "form" Nothing,
}

/// An intent of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The verb.
    pub verb: IntentVerb,
    /// The thing, with its jurisdiction where that is not the person's own. Empty where there is none.
    pub id: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// The revision of the thing that the person saw; none where it was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

impl Intent {
    /// An intent about a thing.
    pub fn new(verb: IntentVerb, id: impl Into<String>) -> Self {
        Self {
            verb,
            id: id.into(),
            argument: None,
            revision: None,
        }
    }

    /// With more about it.
    pub fn with(mut self, argument: impl Into<String>) -> Self {
        self.argument = Some(argument.into());
        self
    }

    /// The same intent with the revision that was seen.
    pub fn at(mut self, revision: u64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// The view that must be read before it can be acted upon.
    pub(crate) fn needs(&self) -> ReadNeeds {
        match FormKind::opened(self).and_then(|(kind, _)| kind.thing()) {
            Some(thing) => shows(thing).needs(),
            None => self.verb.needs(),
        }
    }

    /// The argument, or nothing.
    pub(crate) fn argument(&self) -> &str {
        self.argument.as_deref().unwrap_or_default()
    }
}

/// The meaning of a line of text when nothing waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextMeaning {
    /// A command or a bare id.
    Intent(Intent),
    /// A command that needs the id of something.
    Incomplete(IntentVerb),
    /// The name of a form that needs it.
    IncompleteForm(FormKind),
    /// `/nonsense`.
    UnknownCommand,
    /// Anything else.
    Text,
}

/// Reads a line: `/accept T-1`, `/ack E-1 明天17:00`, or an id alone.
pub(crate) fn typed(line: &str) -> TextMeaning {
    let line = line.trim();
    let Some(command) = line.strip_prefix('/').or_else(|| line.strip_prefix('／')) else {
        return bare_id(line).map_or(TextMeaning::Text, TextMeaning::Intent);
    };
    let (name, rest) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    let rest = rest.trim();
    let name = name.to_lowercase();
    let Some((verb, wants_id)) = command_named(&name) else {
        return form_named(&name, rest).unwrap_or(TextMeaning::UnknownCommand);
    };
    if !wants_id {
        let intent = Intent::new(verb, "");
        return TextMeaning::Intent(if rest.is_empty() {
            intent
        } else {
            intent.with(rest)
        });
    }
    let (id, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if id.is_empty() {
        // Without an id a person means the list in which such things wait.
        return match verb {
            IntentVerb::Bulletin => TextMeaning::Intent(Intent::new(verb, "")),
            IntentVerb::Task
            | IntentVerb::Lead
            | IntentVerb::Case
            | IntentVerb::Order
            | IntentVerb::Verify
            | IntentVerb::Step => TextMeaning::Intent(Intent::new(IntentVerb::Inbox, "")),
            _ => TextMeaning::Incomplete(verb),
        };
    }
    let intent = Intent::new(verb, id);
    TextMeaning::Intent(if argument.trim().is_empty() {
        intent
    } else {
        intent.with(argument.trim())
    })
}

/// `/cancel-batch B-12 doubled`: a form that has no word of its own is typed by its name.
fn form_named(name: &str, rest: &str) -> Option<TextMeaning> {
    let kind = FormKind::parse(name).filter(|kind| kind.form().word.is_none())?;
    let (id, said) = match kind.thing() {
        Some(_) => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        None => ("", rest),
    };
    Some(match (kind.thing(), id) {
        (Some(_), "") => TextMeaning::IncompleteForm(kind),
        _ => {
            let intent = kind.opener(id, "");
            let with = format!("{} {}", kind.as_str(), said.trim());
            TextMeaning::Intent(intent.with(with.trim_end()))
        }
    })
}

/// Typed names, and whether the id of something follows.
fn command_named(name: &str) -> Option<(IntentVerb, bool)> {
    Some(match name {
        "inbox" | "start" | "收件箱" | "待办" => (IntentVerb::Inbox, false),
        "leads" => (IntentVerb::Leads, false),
        "board" | "看板" => (IntentVerb::Board, false),
        "help" | "帮助" => (IntentVerb::Help, false),
        "whoami" | "我是谁" => (IntentVerb::WhoAmI, false),
        "lang" | "language" | "语言" => (IntentVerb::Language, false),
        "notices" => (IntentVerb::Notices, false),
        "new" => (IntentVerb::NewBatch, false),
        "report" | "上报" => (IntentVerb::Report, false),
        "resume" | "继续" => (IntentVerb::Resume, false),
        "cancel" | "取消" => (IntentVerb::Cancel, false),
        "bulletin" => (IntentVerb::Bulletin, true),
        "timeline" => (IntentVerb::Timeline, true),
        "task" | "t" => (IntentVerb::Task, true),
        "accept" => (IntentVerb::Accept, true),
        "decline" => (IntentVerb::Decline, true),
        "rows" => (IntentVerb::Rows, true),
        "fill" => (IntentVerb::Start, true),
        "submit" => (IntentVerb::Submit, true),
        "approve" => (IntentVerb::Approve, true),
        "return" => (IntentVerb::Return, true),
        "assign" | "hand" => (IntentVerb::HandOver, true),
        "drop" => (IntentVerb::CancelTask, true),
        "batch" => (IntentVerb::Batch, true),
        "lead" => (IntentVerb::Lead, true),
        "classify" => (IntentVerb::Classify, true),
        "route" => (IntentVerb::Route, true),
        "joint" => (IntentVerb::Joint, true),
        "merge" => (IntentVerb::Merge, true),
        "verdict" => (IntentVerb::Verdict, true),
        "file" => (IntentVerb::FileCase, true),
        "case" => (IntentVerb::Case, true),
        "refund" => (IntentVerb::Refund, true),
        "penalty" => (IntentVerb::Penalty, true),
        "order" => (IntentVerb::Order, true),
        "serve" => (IntentVerb::Serve, true),
        "fix" => (IntentVerb::Fix, true),
        "verify" => (IntentVerb::Verify, true),
        "extend" => (IntentVerb::Extend, true),
        "park" => (IntentVerb::Park, true),
        "step" => (IntentVerb::Step, true),
        "ack" => (IntentVerb::Acknowledge, true),
        "sign" => (IntentVerb::Sign, true),
        _ => return None,
    })
}

/// `T-2041`, `420902/Z-3`: opens what it names.
fn bare_id(text: &str) -> Option<Intent> {
    let (_, short) = picket_schemas::split_id(text);
    let (letters, number) = short.split_once('-')?;
    if number.is_empty()
        || !number.bytes().all(|b| b.is_ascii_digit())
        || text.contains(char::is_whitespace)
    {
        return None;
    }
    let verb = opens(letters)?;
    Some(Intent::new(
        verb,
        text.replace(letters, &letters.to_uppercase()),
    ))
}

/// The verb that shows a thing, by the letters its id begins with.
pub(crate) fn opens(letters: &str) -> Option<IntentVerb> {
    Some(match letters.to_uppercase().as_str() {
        "T" => IntentVerb::Task,
        "B" => IntentVerb::Batch,
        "L" => IntentVerb::Lead,
        "C" => IntentVerb::Case,
        "Z" => IntentVerb::Order,
        "E" => IntentVerb::Step,
        "BU" => IntentVerb::Bulletin,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_command_and_a_button_mean_the_same() {
        assert_eq!(
            typed("/accept T-1"),
            TextMeaning::Intent(Intent::new(IntentVerb::Accept, "T-1"))
        );
        assert_eq!(
            crate::data::read("1:accept:T-1:"),
            Some(Intent::new(IntentVerb::Accept, "T-1"))
        );
    }

    #[test]
    fn what_follows_the_id_is_the_argument() {
        assert_eq!(
            typed("/ack E-1  明天 17:00 "),
            TextMeaning::Intent(Intent::new(IntentVerb::Acknowledge, "E-1").with("明天 17:00"))
        );
        assert_eq!(
            typed("/lang en"),
            TextMeaning::Intent(Intent::new(IntentVerb::Language, "").with("en"))
        );
    }

    #[test]
    fn an_id_alone_opens_what_it_names() {
        assert_eq!(
            typed("z-318"),
            TextMeaning::Intent(Intent::new(IntentVerb::Order, "Z-318"))
        );
        assert_eq!(
            typed("420902/T-7"),
            TextMeaning::Intent(Intent::new(IntentVerb::Task, "420902/T-7"))
        );
        assert_eq!(typed("T-shirt"), TextMeaning::Text);
        assert_eq!(typed("A-1"), TextMeaning::Text);
    }

    #[test]
    fn a_command_without_its_id_says_so_or_shows_the_list() {
        assert_eq!(
            typed("/accept"),
            TextMeaning::Incomplete(IntentVerb::Accept)
        );
        assert_eq!(
            typed("/task"),
            TextMeaning::Intent(Intent::new(IntentVerb::Inbox, ""))
        );
        assert_eq!(typed("/nonsense T-1"), TextMeaning::UnknownCommand);
    }

    #[test]
    fn chinese_commands_and_the_wide_slash_are_understood() {
        assert_eq!(
            typed("／待办"),
            TextMeaning::Intent(Intent::new(IntentVerb::Inbox, ""))
        );
    }

    #[test]
    fn every_verb_reads_its_own_name() {
        for verb in IntentVerb::ALL {
            assert_eq!(IntentVerb::parse(verb.as_str()), Some(*verb));
        }
    }
}
