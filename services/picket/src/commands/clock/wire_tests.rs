//! Bytes with which the command asks a clock: a running Picket of another version hears them.

use std::sync::Arc;

use jiff::tz::TimeZone;
use picket_bus::{Bus, MemoryBus};
use picket_node::folder::Folder;
use picket_node::socket::SocketServer;

use super::*;

const VIEW: &str = r#"{"now":"2026-03-04T02:12:00.123Z","held":true}"#;

/// What a command with these words says to whoever keeps the folder, which answers as it always did.
async fn said_by(what: Option<&str>) -> String {
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
    let mut requests = bus.serve("picket.clock").await.unwrap();
    let serving = async {
        let request = requests.next().await.unwrap();
        let body = String::from_utf8(request.body.clone()).unwrap();
        request.reply(VIEW.into());
        body
    };
    let (body, ended) = tokio::join!(
        serving,
        run(
            &settings,
            ClockArgs {
                what: what.map(str::to_owned)
            }
        )
    );
    assert!(ended.is_ok(), "the answer is understood");
    body
}

#[tokio::test]
async fn a_command_asks_with_the_words_it_always_had() {
    assert_eq!(said_by(None).await, "look");
    assert_eq!(said_by(Some("confirm")).await, "confirm");
}
