//! Bytes by which the command lets a book go on, and what it makes of the replies of a running Picket of another version.

use std::sync::Arc;

use jiff::tz::TimeZone;
use picket_bus::{Bus, MemoryBus};
use picket_node::folder::Folder;
use picket_node::socket::SocketServer;

use super::*;

const WANTED: &str = r#"{"book":"dispatch/420902","skip":true}"#;

/// What a command says to whoever keeps the folder, and what it makes of the answer.
async fn said_by(skip: bool, answer: &'static [u8]) -> (String, Result<(), Failure>) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::at(place.path());
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let _server = SocketServer::bind(&folder.socket(), bus.clone()).unwrap();
    let settings = CliSettings {
        folder,
        folder_named: true,
        json: true,
        within: None,
        zone: TimeZone::UTC,
        test: false,
    };
    let mut requests = bus.serve("picket.unpark").await.unwrap();
    let serving = async {
        let request = requests.next().await.unwrap();
        let body = String::from_utf8(request.body.clone()).unwrap();
        request.reply(answer.to_vec());
        body
    };
    let (body, ended) = tokio::join!(serving, run(&settings, "dispatch/420902", skip));
    (body, ended.map(drop))
}

#[tokio::test]
async fn a_command_says_what_it_always_said_and_knows_every_answer() {
    let (said, ended) = said_by(true, b"done").await;
    assert_eq!((said.as_str(), ended.is_ok()), (WANTED, true));
    let (said, ended) = said_by(false, b"no").await;
    assert_eq!(
        (said.as_str(), ended.err().map(|failure| failure.exit)),
        (
            r#"{"book":"dispatch/420902","skip":false}"#,
            Some(Exit::Refused)
        )
    );
    let (_, ended) = said_by(false, b"stopped: commit 4 is not what it was").await;
    let failure = ended.err().unwrap();
    assert_eq!(
        (failure.exit, failure.problem.title.as_str()),
        (
            Exit::Storage,
            "`dispatch/420902` is stopped: commit 4 is not what it was"
        )
    );
}
