//! A journal that was damaged, cut short or replaced: Picket names the place, stops that book alone and keeps
//! the others; a store that cannot be read at all keeps it from starting.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::harness::{County, Running, Said};

/// A county with facts in its journals.
fn county() -> County {
    let county = County::imported();
    for number in 0..5 {
        county.wish(
            "P-07",
            &["dispatch.issue_batch", &format!("name=sweep {number}")],
        );
    }
    county
}

/// A journal as it lies on disk: the file, and what waits beside it to be written into it.
#[derive(Clone)]
struct Copied(Vec<(&'static str, Vec<u8>)>);

impl Copied {
    fn of(journal: &Path) -> Self {
        Self(
            ["db", "db-wal"]
                .into_iter()
                .filter_map(|end| {
                    fs::read(journal.with_extension(end))
                        .ok()
                        .map(|bytes| (end, bytes))
                })
                .collect(),
        )
    }

    /// Puts it in the place of the one there is.
    fn put(&self, journal: &Path) {
        for end in ["db", "db-wal", "db-shm"] {
            drop(fs::remove_file(journal.with_extension(end)));
        }
        for (end, bytes) in &self.0 {
            fs::write(journal.with_extension(end), bytes).unwrap();
        }
    }

    /// The same with the last of these words spoilt.
    fn flipped_at(&self, words: &str) -> Self {
        let mut copy = self.clone();
        let found = copy.0.iter_mut().rev().find_map(|(_, bytes)| {
            bytes
                .windows(words.len())
                .rposition(|there| there == words.as_bytes())
                .map(|place| (bytes, place))
        });
        let (bytes, place) = found.expect("names are stored as they are");
        bytes[place] ^= 0x20;
        copy
    }
}

/// `up` cannot even start: it says so in a sentence and never panics.
fn up_refuses(county: &County) -> Said {
    let said = county.run(&["up"]);
    assert!(said.code() != 0, "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    assert!(said.err.contains("picket: "), "{said:?}");
    said
}

fn times(text: &str, words: &str) -> usize {
    text.matches(words).count()
}

/// Stops `up`, which must have said once that dispatch is stopped and what to do, and ends as a damaged folder does.
#[track_caller]
fn ends_damaged(up: Running) {
    up.signal("INT");
    let said = up.ends(Duration::from_secs(5));
    assert_eq!(said.code(), 4, "{said:?}");
    assert_eq!(
        times(&said.err, "`dispatch/990101` is stopped"),
        1,
        "{said:?}"
    );
    assert!(
        said.err.contains("picket verify")
            && said.err.contains("restore")
            && !said.err.contains("panicked"),
        "{said:?}"
    );
    assert!(
        said.out
            .contains("stopped; everything that was answered is on disk"),
        "{said:?}"
    );
}

/// What holds while dispatch alone is damaged, whether a Picket runs or not.
#[track_caller]
fn dispatch_is_stopped(county: &County) {
    let wish = county.run(&[
        "do",
        "dispatch.issue_batch",
        "--as",
        "P-07",
        "name=onto damage",
    ]);
    wish.refused(4, &["`dispatch/990101` is stopped", "commit"]);
    assert_eq!(
        times(&wish.err, "is stopped"),
        1,
        "it is said once: {wish:?}"
    );
    for words in [&["ask", "people"][..], &["ask", "board"], &["bulletin"]] {
        let asked = county.run(words);
        assert_eq!(
            times(&asked.err, "may lack what `dispatch/990101` says"),
            1,
            "{asked:?}"
        );
        assert!(
            asked.err.contains("hint: ") && (words == ["bulletin"] || asked.code() == 0),
            "{asked:?}"
        );
    }
}

#[test]
fn a_flipped_byte_stops_its_book_alone_and_is_named_and_put_right_again() {
    let county = county();
    county.run(&["verify"]).fine();
    Copied::of(&county.journal())
        .flipped_at("sweep 3")
        .put(&county.journal());
    let said = county.run(&["verify"]);
    assert_eq!(said.code(), 1, "{said:?}");
    assert!(
        said.out.contains("DAMAGED") && said.out.contains("dispatch/990101"),
        "the book and the commit are named: {said:?}"
    );
    // Made anew, the projection lacks what it had read before the damage.
    for suffix in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!(
            "{}/insight.db{suffix}",
            county.data()
        )));
    }
    dispatch_is_stopped(&county);
    let up = county.up(&[]);
    dispatch_is_stopped(&county);
    county.wish(
        "operator",
        &[
            "registry.enrol_person",
            "code=P-N1",
            "name=sentinel new",
            "roles=sentinel",
            "area=990101001001",
        ],
    );
    assert!(
        county.run(&["ask", "people"]).fine().contains("P-N1"),
        "other books answer"
    );
    county
        .run(&["verify", "--unpark", "dispatch/990101"])
        .refused(4, &["is stopped"]);
    let phone = county.typed(&["chat", "--as", "P-01"], "/inbox\n");
    assert!(
        phone.err.contains("may lack what `dispatch/990101` says"),
        "{phone:?}"
    );
    ends_damaged(up);
    // The byte is put right; what was written meanwhile stays.
    Copied::of(&county.journal())
        .flipped_at("Sweep 3")
        .put(&county.journal());
    county.run(&["verify"]).fine();
    county.wish("P-07", &["dispatch.issue_batch", "name=sound again"]);
    let asked = county.run(&["ask", "people"]);
    assert!(!asked.err.contains("may lack"), "{asked:?}");
    assert!(asked.fine().contains("P-N1"));
}

#[test]
fn a_journal_cut_short_is_not_gone_on_with() {
    let county = county();
    county.run(&["verify"]).fine();
    let whole = Copied::of(&county.journal());
    let (_, bytes) = &whole.0[0];
    Copied(vec![("db", bytes[..bytes.len() / 2].to_vec())]).put(&county.journal());
    let said = county.run(&["verify"]);
    assert!(said.code() == 1 || said.code() == 2, "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    up_refuses(&county);
    Copied(vec![(
        "db",
        b"no journal at all, only a text that somebody saved under its name".to_vec(),
    )])
    .put(&county.journal());
    assert_ne!(county.run(&["verify"]).code(), 0);
    up_refuses(&county);
    whole.put(&county.journal());
    county.run(&["verify"]).fine();
}

#[test]
fn an_older_copy_of_the_journal_is_known_by_what_is_missing() {
    let county = County::imported();
    let older = Copied::of(&county.journal());
    for number in 0..3 {
        county.wish(
            "P-07",
            &["dispatch.issue_batch", &format!("name=sweep {number}")],
        );
    }
    let whole = Copied::of(&county.journal());
    older.put(&county.journal());
    let said = county.run(&["verify"]);
    assert_eq!(said.code(), 1, "{said:?}");
    assert!(said.out.contains("dispatch/990101"), "{said:?}");
    let wish = county.run(&[
        "do",
        "dispatch.issue_batch",
        "--as",
        "P-07",
        "name=onto the past",
    ]);
    wish.refused(4, &["`dispatch/990101` is stopped", "lost facts"]);
    let marks = format!("{}/highwater.json", county.data());
    let seen = fs::read(&marks).unwrap();
    ends_damaged(county.up(&[]));
    // A copy of the folder brings back what was seen as well.
    fs::write(&marks, seen).unwrap();
    whole.put(&county.journal());
    county.run(&["verify"]).fine();
    county.wish("P-07", &["dispatch.issue_batch", "name=sound again"]);
}

#[test]
fn what_can_be_made_again_may_be_deleted_at_any_time() {
    let county = county();
    let board = county.ask(&["board"]);
    for suffix in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!(
            "{}/insight.db{suffix}",
            county.data()
        )));
    }
    assert_eq!(county.ask(&["board"]), board);
    fs::write(format!("{}/insight.db", county.data()), b"rubbish").unwrap();
    assert_eq!(
        county.ask(&["board"]),
        board,
        "a broken copy is made again too"
    );
}
