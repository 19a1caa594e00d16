//! The trace something belongs to, and the ids of its spans: computed from what is stored, never drawn.
//!
//! A wish carries a W3C trace parent and a commit keeps it. Whoever sees the same fact computes the same span,
//! so processes need not tell each other, and a repeated wish shows once. Pure; it knows no exporter.

use std::fmt;

use picket_schemas::{Cause, Entry, commit};

/// A W3C trace parent: a trace, a span in it, and whether it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    /// The trace.
    pub trace: [u8; 16],
    /// The span whatever comes next is a child of.
    pub span: [u8; 8],
    /// Whether its spans are exported.
    pub sampled: bool,
}

impl TraceParent {
    /// Reads `00-<trace>-<span>-<flags>`; what a wish without a trace carries, or anything else, is none.
    pub fn extract(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // A later version may say more behind; the first may not.
        let known = version.len() == 2
            && bytes::<1>(version).is_some()
            && version != "ff"
            && (version != "00" || parts.next().is_none());
        let [flags] = bytes::<1>(flags)?;
        let parent = Self {
            trace: bytes(trace)?,
            span: bytes(span)?,
            sampled: flags & 1 == 1,
        };
        (known && parent.trace != [0; 16] && parent.span != [0; 8]).then_some(parent)
    }

    /// As it travels.
    pub fn inject(&self) -> String {
        self.to_string()
    }

    /// The trace a wish begins: derived from its id, so that every repeat of it is the same trace.
    pub fn of_wish(id: &str) -> Self {
        let hash = commit::hash(id.as_bytes());
        Self {
            trace: bytes(&hash[..32]).expect("a hash is hex"),
            span: bytes(&hash[32..48]).expect("a hash is hex"),
            sampled: true,
        }
    }

    /// The same trace at another span.
    pub fn at(self, span: [u8; 8]) -> Self {
        Self { span, ..self }
    }

    /// Whether a share of all traces, from 0 to 1, takes this one; every process decides alike.
    pub fn is_within(&self, share: f64) -> bool {
        let [.., a, b, c, d] = self.trace;
        f64::from(u32::from_be_bytes([a, b, c, d])) < share * 4_294_967_296.0
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{}-{}-{}",
            commit::hex(&self.trace),
            commit::hex(&self.span),
            if self.sampled { "01" } else { "00" }
        )
    }
}

/// Lower-case hex of exactly so many bytes.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    if text.len() != N * 2
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    {
        return None;
    }
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(out)
}

/// The span of one decision: an entry of a commit, in one trace.
pub fn span_for(book: &str, n: u64, entry: usize, trace: &[u8; 16]) -> [u8; 8] {
    derived(&format!("{book}:{n}:{entry}:{}", commit::hex(trace)))
}

/// The span of what a commit did for one trace; what other books conclude from it are its children.
pub fn span_of_commit(book: &str, n: u64, trace: &[u8; 16]) -> [u8; 8] {
    derived(&format!("{book}:{n}:{}", commit::hex(trace)))
}

/// The span of one attempt to bring a notice to a person.
pub(crate) fn span_of_attempt(notice: &str, attempt: u32) -> [u8; 8] {
    derived(&format!("{notice}:attempt:{attempt}"))
}

/// The trace an entry says it belongs to, at the span it is a child of: the wish, or the commit that holds the
/// fact it follows from. None for bells and for what follows from them: those are found by what they speak of.
pub fn parent_of(entry: &Entry) -> Option<TraceParent> {
    let parent = TraceParent::extract(&entry.trace)?;
    match (entry.cause, &entry.of) {
        (Cause::Fact, Some(of)) => {
            let (book, n) = commit_named(of)?;
            Some(parent.at(span_of_commit(book, n, &parent.trace)))
        }
        _ => Some(parent),
    }
}

/// The trace of something nothing is known about: its own, and the same for whoever looks at that commit.
pub fn trace_of_commit(book: &str, n: u64) -> [u8; 16] {
    bytes(&commit::hash(format!("{book}:{n}").as_bytes())[..32]).expect("a hash is hex")
}

/// `journal:n`, and more behind it, as entries name the fact they follow from.
pub(crate) fn commit_named(of: &str) -> Option<(&str, u64)> {
    let (book, rest) = of.split_once(':')?;
    Some((book, rest.split(':').next()?.parse().ok()?))
}

fn derived(name: &str) -> [u8; 8] {
    bytes(&commit::hash(name.as_bytes())[..16]).expect("a hash is hex")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_parent_is_read_and_written_as_it_was() {
        let parent = TraceParent::extract(SEEN).unwrap();
        assert!(parent.sampled);
        assert_eq!(parent.inject(), SEEN);
        let silent = SEEN.replace("-01", "-00");
        assert_eq!(TraceParent::extract(&silent).unwrap().inject(), silent);
        assert_eq!(
            TraceParent::extract("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later")
                .unwrap()
                .inject(),
            SEEN,
            "a later version may say more"
        );
    }

    #[test]
    fn what_is_no_trace_parent_is_none() {
        let zeros = [
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        ];
        let shapes = [
            "",
            "00",
            "00-1-2-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ];
        for text in zeros.into_iter().chain(shapes) {
            assert_eq!(TraceParent::extract(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_trace_of_a_wish_is_the_one_a_replay_gives_it() {
        let hash = commit::hash(b"s-1");
        assert_eq!(
            TraceParent::of_wish("s-1").inject(),
            format!("00-{}-{}-01", &hash[..32], &hash[32..48])
        );
    }

    #[test]
    fn a_share_of_traces_is_the_same_for_everybody() {
        let traces: Vec<_> = (0..1_000)
            .map(|n| TraceParent::of_wish(&n.to_string()))
            .collect();
        let taken = |share: f64| traces.iter().filter(|trace| trace.is_within(share)).count();
        assert_eq!((taken(0.0), taken(1.0)), (0, 1_000));
        assert!((150..250).contains(&taken(0.2)), "{}", taken(0.2));
    }
}
