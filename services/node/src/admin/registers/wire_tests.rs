//! Bytes of what registries define, as a running Picket says it: an import of another version checks its files against it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, Client, MemoryBus};
use picket_directory::Layer;
use picket_journal::{BookName, Head, Journal, MemoryJournal, hash_of};
use picket_schemas::registry::Territory;
use picket_schemas::{Cause, Commit, Entry, Event};

use super::{SUBJECT, ask, serve};

const LAYER: &str = r#"{"jurisdiction":"420902","areas":{"420902003004":{"code":"420902003004","name":"area 4","level":"community","parent":"420902003"}},"departments":{"edu":{"code":"edu","name":"education","area":"420902"}},"posts":{"PO-01":{"code":"PO-01","name":"post 1","kind":"school","area":"420902003004","leader":"420902/P-0021","members":["420902/P-0017"]}},"people":{"420902/P-0017":{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel","inspector"],"department":"edu","area":"420902003004","certificate":"C-17","language":"zh"}},"institutions":{"I-0003":{"code":"I-0003","name":"Institution 3","kind":"institution","training":"arts","licence":"none","address":"Street 3","area":"420902003004","school_district":"SD-1","risk":"high","list":"black"}},"area_owners":{"420902003004":"420902/P-0100"},"institution_owners":{"I-0003":"420902/P-0101"},"routes":{"1":{"order":1,"violation":"H1","training":"arts","lead":"edu","assist":["police"],"joint":true}},"ladders":{"task.submit":[{"level":"B2","after":1,"targets":["duty",{"role":"head"},"post_leader","owner","department",{"person":"420902/P-0100"},{"group":"420902/G-1"}],"automatic":true}]},"calendars":{"2026":{"year":2026,"off":["2026-01-01"],"work":["2026-01-04"],"version":"cn-2026","source":"published by the registry"}},"away":{"420902/P-0017":{"from":"2026-03-04T02:12:00Z","until":"2026-03-05T09:00:00Z","substitute":"420902/P-0018"}},"visitors":{"420921/P-0009":{"from":"2026-03-04T02:12:00Z","until":"2026-03-05T09:00:00Z","roles":["inspector"],"areas":["420902003004"],"department":"edu"}},"invites":{"ab12":{"person":"420902/P-0018","until":"2026-03-05T09:00:00Z"}},"identities":{"telegram:7017":"420902/P-0017"}}"#;

fn territory() -> Territory {
    Territory {
        jurisdictions: [("420902".into(), None)].into(),
    }
}

#[test]
fn what_a_registry_defines_is_said_and_heard_as_it_always_was() {
    let layer: Layer = serde_json::from_str(LAYER).unwrap();
    assert_eq!(serde_json::to_string(&layer).unwrap(), LAYER);
    let shown = format!("{layer:?}");
    // What is left out shows in the debug form: an absent option, an empty list, text or map, a flag that is down.
    for absent in [": None", ": []", ": {}", ": \"\"", ": false"] {
        assert!(!shown.contains(absent), "`{absent}` in {shown}");
    }
    let short = LAYER.replace(r#","visitors":{"420921/P-0009":{"from":"2026-03-04T02:12:00Z","until":"2026-03-05T09:00:00Z","roles":["inspector"],"areas":["420902003004"],"department":"edu"}}"#, "");
    assert_ne!(short, LAYER);
    assert_eq!(
        serde_json::from_str::<Layer>(&short).unwrap(),
        Layer {
            visitors: Default::default(),
            ..layer
        }
    );
}

#[tokio::test]
async fn registries_are_said_one_after_the_other() {
    let area = r#"{"type":"area.defined","area":{"code":"420902","name":"county","level":"county","parent":null}}"#;
    let at = "2026-03-04T02:12:00Z".parse().unwrap();
    let entry = Entry {
        id: "w-1".into(),
        by: "420902/operator".into(),
        via: "import".into(),
        cause: Cause::Command,
        of: None,
        does: "registry.define_area".into(),
        made: at,
        trace: String::new(),
        hops: 0,
        events: vec![Event::decode("registry", area).unwrap()],
    };
    let book = BookName::parse("registry/420902").unwrap();
    let bytes = Commit {
        book: book.to_string(),
        n: 1,
        at,
        prev: String::new(),
        began: None,
        due: None,
        seen: BTreeMap::new(),
        reader: 1,
        entries: vec![entry],
    }
    .encode();
    let journal = MemoryJournal::new();
    journal
        .append(&book, &Head::default(), &hash_of(&bytes), bytes.into())
        .await
        .unwrap();
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let _serving = tokio::spawn(serve(bus.clone(), Arc::new(journal), territory()));
    tokio::task::yield_now().await;
    let said = bus
        .ask("picket.registers", Vec::new(), Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8(said).unwrap(),
        r#"[{"jurisdiction":"420902","areas":{"420902":{"code":"420902","name":"county","level":"county","parent":null}},"departments":{},"posts":{},"people":{},"institutions":{},"area_owners":{},"institution_owners":{},"routes":{},"ladders":{},"calendars":{},"away":{},"visitors":{},"invites":{},"identities":{}}]"#
    );
}

#[tokio::test]
async fn an_import_asks_with_nothing_and_knows_what_comes_back() {
    assert_eq!(SUBJECT, "picket.registers");
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut requests = bus.serve("picket.registers").await.unwrap();
    let serving = async {
        let request = requests.next().await.unwrap();
        assert!(request.body.is_empty());
        request.reply(format!("[{LAYER}]").into_bytes());
    };
    let client = Client::new(bus.clone());
    let ((), layers) = tokio::join!(serving, ask(&client));
    assert_eq!(layers.unwrap().len(), 1);
}
