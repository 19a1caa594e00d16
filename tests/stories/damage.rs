//! A journal that was damaged, cut short or replaced: Picket names the place and does not go on.

use std::fs;
use std::path::PathBuf;

use crate::harness::{County, Said};

/// A county with facts in its journals, and the journal as it lies on disk.
fn county() -> (County, PathBuf) {
    let county = County::imported();
    for number in 0..5 {
        county.wish("P-07", &["dispatch.issue_batch", &format!("name=sweep {number} 痕迹")]);
    }
    let journal = county.journal();
    (county, journal)
}

/// Puts a journal in the place of the one there is.
fn put(journal: &PathBuf, bytes: &[u8]) {
    for beside in ["db-wal", "db-shm"] {
        drop(fs::remove_file(journal.with_extension(beside)));
    }
    fs::write(journal, bytes).unwrap();
}

/// `up` says no in a sentence, or runs only what is sound; it never panics and never says the damage is fine.
fn up_refuses(county: &County) -> Said {
    let said = county.run(&["up"]);
    assert!(said.code() != 0, "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    assert!(said.err.contains("picket: "), "{said:?}");
    said
}

#[test]
fn a_flipped_byte_is_found_and_named_and_put_right_again() {
    let (county, journal) = county();
    let whole = fs::read(&journal).unwrap();
    let mark = "sweep 3".as_bytes();
    let place = whole.windows(mark.len()).position(|bytes| bytes == mark).expect("names are stored as they are");
    let mut flipped = whole.clone();
    flipped[place] ^= 0x20;
    put(&journal, &flipped);
    let said = county.run(&["verify"]);
    assert_eq!(said.code(), 1, "{said:?}");
    assert!(said.out.contains("DAMAGED") && said.out.contains("dispatch/990101"), "the book and the commit are named: {said:?}");
    let wish = county.run(&["do", "dispatch.issue_batch", "--as", "P-07", "name=onto damage"]);
    assert_ne!(wish.code(), 0, "nothing is written behind a damaged commit: {wish:?}");
    assert!(wish.err.contains("picket: ") && !wish.err.contains("panicked"), "{wish:?}");
    put(&journal, &whole);
    county.run(&["verify"]).fine();
    county.wish("P-07", &["dispatch.issue_batch", "name=sound again"]);
}

#[test]
fn a_journal_cut_short_is_not_gone_on_with() {
    let (county, journal) = county();
    let whole = fs::read(&journal).unwrap();
    put(&journal, &whole[..whole.len() / 2]);
    let said = county.run(&["verify"]);
    assert!(said.code() == 1 || said.code() == 2, "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    up_refuses(&county);
    put(&journal, b"this is no journal at all, only a text that somebody saved under its name");
    assert_ne!(county.run(&["verify"]).code(), 0);
    up_refuses(&county);
    put(&journal, &whole);
    county.run(&["verify"]).fine();
}

#[test]
fn an_older_copy_of_the_journal_is_known_by_what_is_missing() {
    let county = County::imported();
    let older = fs::read(county.journal()).unwrap();
    for number in 0..3 {
        county.wish("P-07", &["dispatch.issue_batch", &format!("name=sweep {number}")]);
    }
    let whole = fs::read(county.journal()).unwrap();
    put(&county.journal(), &older);
    let said = county.run(&["verify"]);
    assert_eq!(said.code(), 1, "{said:?}");
    assert!(said.out.contains("dispatch/990101"), "{said:?}");
    let wish = county.run(&["do", "dispatch.issue_batch", "--as", "P-07", "name=onto the past"]);
    wish.refused(4, &["dispatch/990101"]);
    put(&county.journal(), &whole);
    county.run(&["verify"]).fine();
    county.wish("P-07", &["dispatch.issue_batch", "name=sound again"]);
}

#[test]
fn what_can_be_made_again_may_be_deleted_at_any_time() {
    let (county, _) = county();
    let board = county.ask(&["board"]);
    for suffix in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!("{}/insight.db{suffix}", county.data())));
    }
    assert_eq!(county.ask(&["board"]), board);
    fs::write(format!("{}/insight.db", county.data()), b"rubbish").unwrap();
    assert_eq!(county.ask(&["board"]), board, "a broken copy is made again too");
}
