//! The data behind a button: `1:<verb>:<id>:<rev>`, at most 64 bytes, version first.
//!
//! The id may carry an argument after `#`, such as the row of a sheet and its outcome. Data is a
//! request without authority: whoever presses is looked up anew, and what it names is read anew.
//! The parser takes nothing it would not have written. It does not know what a verb does.

use crate::intent::{Intent, IntentVerb};

/// The most a platform carries behind a button.
pub const MAX: usize = 64;
const VERSION: &str = "1";

/// Returns the data for an intent. An id too long for it yields a button that only says so when pressed.
pub fn write(intent: &Intent) -> String {
    let argument = intent
        .argument
        .as_deref()
        .map(|argument| format!("#{argument}"))
        .unwrap_or_default();
    let revision = intent.revision.map(base36).unwrap_or_default();
    let data = format!(
        "{VERSION}:{}:{}{argument}:{revision}",
        intent.verb.as_str(),
        intent.id
    );
    if data.len() <= MAX {
        data
    } else {
        format!("{VERSION}:{}::", IntentVerb::Inbox.as_str())
    }
}

/// Reads data; `None` for anything this version did not write.
pub fn read(data: &str) -> Option<Intent> {
    if data.len() > MAX {
        return None;
    }
    let mut parts = data.split(':');
    let (version, verb, id, revision) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != VERSION || parts.next().is_some() {
        return None;
    }
    let (id, argument) = match id.split_once('#') {
        Some((id, argument)) => (id, Some(argument)),
        None => (id, None),
    };
    let clean = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@' | '+'))
    };
    if !clean(id) || argument.is_some_and(|argument| argument.is_empty() || !clean(argument)) {
        return None;
    }
    let revision = match revision {
        "" => None,
        text => Some(from_base36(text)?),
    };
    Some(Intent {
        verb: IntentVerb::parse(verb)?,
        id: id.to_owned(),
        argument: argument.map(str::to_owned),
        revision,
    })
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]);
        number /= 36;
        if number == 0 {
            break;
        }
    }
    digits.reverse();
    digits.into_iter().map(char::from).collect()
}

fn from_base36(text: &str) -> Option<u64> {
    let canonical = !text.starts_with('0') || text == "0";
    let written = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if canonical && written {
        u64::from_str_radix(text, 36).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for (argument, revision) in [
            (None, None),
            (Some("12.not_visited"), Some(0)),
            (Some("3"), Some(u64::MAX)),
        ] {
            for verb in IntentVerb::ALL {
                let intent = Intent {
                    verb: *verb,
                    id: "420902/T-204".into(),
                    argument: argument.map(str::to_owned),
                    revision,
                };
                let data = write(&intent);
                assert!(data.len() <= MAX, "{data}");
                assert_eq!(read(&data), Some(intent), "{data}");
            }
        }
    }

    #[test]
    fn data_looks_as_agreed() {
        let intent = Intent {
            verb: IntentVerb::Accept,
            id: "T-2041".into(),
            argument: None,
            revision: Some(37),
        };
        assert_eq!(write(&intent), "1:accept:T-2041:11");
    }

    #[test]
    fn forged_data_is_not_read() {
        for bad in [
            "",
            "1",
            "1:accept",
            "1:accept:T-1",
            "2:accept:T-1:1",
            "1:nonsense:T-1:1",
            "1:accept:T-1:1:more",
            "1:accept:T 1:1",
            "1:accept:T-1:01",
            "1:accept:T-1:A",
            "1:accept:T-1:-1",
            "1:accept:T-1#:1",
            "1:accept:<b>:1",
            "1:accept:T-1#a#b:1",
            "1:accept:T-1:zzzzzzzzzzzzzzzzz",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&format!("1:accept:{}:1", "T".repeat(64))), None);
    }

    #[test]
    fn an_id_too_long_for_a_button_leads_to_the_inbox() {
        let intent = Intent {
            verb: IntentVerb::Accept,
            id: "T".repeat(80),
            argument: None,
            revision: None,
        };
        assert_eq!(write(&intent), "1:inbox::");
    }
}
