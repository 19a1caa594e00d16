//! Bytes of what a snapshot keeps of a book. They are read by a program of the same build alone; of one that another
//! version wrote only the first line is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use picket_calendar::Calendar;
use picket_schemas::dispatch;

use super::toys::both;
use super::{Place, book, county, instant, one};
use crate::snapshots::Snapshots;
use crate::{Engine, Stuck};

const TALLY: &str = r#"{"at":"2026-11-20T09:00:00Z","cursors":{"dispatch/420902":[2,"e6755f0bb5fb37ebcd471f717840e237ee51852480c0c4e0ee4fc92e6b299058","4"],"registry/420902":[0,"",""]},"remembered":[["b-1","2026-11-20T01:00:00Z",WHOSE,1,[]],["c-1","2026-11-20T09:00:00Z",WHOSE,3,[]],["c-2","2026-11-20T09:00:00Z",WHOSE,3,[]]],"parked":null,"silent_bell":"2026-11-20T02:00:00Z","book":{"taken":{"b-1":1,"c-1":1,"c-2":1},"bells":[["2026-11-20T02:00:00Z","mute"]]}}"#;
const ECHO: &str = r#"{"at":"2026-11-20T09:00:00Z","cursors":{"registry/420902":[0,"",""],"schedule/420902":[2,"633043b814e4b9f5da52e19b16fdd30d6e1baa485a2df04119b39005fc1f6d40","2",[1,0]]},"remembered":[["d-1","2026-11-20T09:00:00Z",WHOSE,2,[]]],"parked":{"journal":"schedule/420902","why":"commit 3 of `schedule/420902`: acting upon schedule.paused failed"},"silent_bell":null,"book":{"said":{"c-1":2}}}"#;

/// Whose an id is: the verb and the person in one number. The standard library may count it otherwise one day; a
/// program of that day folds the book from its journal.
fn whose(verb: &str, person: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (verb, person).hash(&mut hasher);
    hasher.finish().to_string()
}

/// A tally with a silent bell, and an echo that stumbled, each with ids it remembers.
async fn place() -> Place {
    let mut place = Place::new();
    // A later one is said in the first commit, whose hash is part of a cursor.
    place.generation = 1;
    let mut books = place.lockstep(both()).await;
    one(&mut books, place.tally("b-1", "mute:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    books
        .advance(instant("2026-11-20T09:00:00Z"), |_| ())
        .await
        .expect("they rest");
    one(
        &mut books,
        place.wish(
            "d-1",
            dispatch::Command::CancelTask {
                task: "T-1".into(),
                reason: "r".into(),
            },
        ),
    )
    .await
    .expect("accepted");
    books
        .wish(
            &county(),
            vec![place.tally("c-1", "echo:2"), place.tally("c-2", "stumble")],
        )
        .await;
    assert!(matches!(books.settle().await, Err(Stuck::Parked { .. })));
    place
}

/// What the book of a service keeps is the literal, and a start from the literal keeps the same.
async fn pin(service: &str, literal: &str) {
    let place = place().await;
    let name = book(service);
    let whole = place.engine(both()).open(&name).await.expect("it opens");
    assert_eq!(
        String::from_utf8(whole.memory().expect("nothing is ahead")).expect("JSON"),
        literal
    );

    let folder = tempfile::tempdir().expect("a folder");
    let head = whole.head();
    let kept = Snapshots::new(folder.path(), || "one".to_owned(), |why| panic!("{why}"));
    kept.save(&name, head.number, &head.hash, literal.as_bytes())
        .expect("it is kept");
    let engine = Engine::new(
        place.journal.clone(),
        place.territory.clone(),
        both(),
        place.clock.clone(),
        Calendar::china(),
    )
    .with_snapshots(kept);
    let engine = Arc::new(engine);
    let recalled = engine.open(&name).await.expect("it opens");
    assert_eq!(
        engine.snapshots.as_ref().expect("it has some").kept(&name),
        head.number,
        "it was used"
    );
    assert_eq!(
        String::from_utf8(recalled.memory().expect("nothing is ahead")).expect("JSON"),
        literal
    );
    assert_eq!(recalled.state(), whole.state());
}

#[tokio::test]
async fn a_book_with_a_silent_bell_is_kept_as_it_always_was() {
    pin(
        "schedule",
        &TALLY.replace("WHOSE", &whose("schedule.pause", "420902/P-1")),
    )
    .await;
}

#[tokio::test]
async fn a_book_that_stumbled_is_kept_as_it_always_was() {
    pin(
        "dispatch",
        &ECHO.replace("WHOSE", &whose("dispatch.cancel_task", "420902/P-1")),
    )
    .await;
}
