//! The weight of a command: the length of its JSON, counted without keeping it.
//!
//! Used to bound what waits before a keeper; it does not know what a command is. Many wishes are made in this very
//! process and have no bytes of a request to count.

use std::io::{self, Write};

use serde::Serialize;

/// The encoded length of a value.
pub(super) fn weight<T: Serialize + ?Sized>(value: &T) -> usize {
    let mut counter = Counter(0);
    // A value that cannot be weighed cannot be encoded either, and is refused where it is.
    drop(serde_json::to_writer(&mut counter, value));
    counter.0
}

/// A writer that keeps nothing.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use picket_schemas::{Command, schedule};

    use super::weight;

    #[test]
    fn a_command_weighs_what_it_takes_on_the_wire() {
        for reason in [0, 10, 1_000_000] {
            let command: Command = schedule::Command::Pause {
                code: "s".into(),
                reason: "é\n".repeat(reason),
            }
            .into();
            let written = serde_json::to_vec(&command).expect("it is plain data");
            assert_eq!(weight(&command), written.len());
        }
    }
}
