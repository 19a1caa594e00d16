//! The one stream that holds every book: how it is made, and what it must be like.
//!
//! [`NatsJournal::open`](crate::NatsJournal::open) uses it. A stream that could drop, overwrite or forget a
//! commit is refused, with what to do. It does not know what the stream holds.

use std::collections::HashMap;
use std::time::Duration;

use picket_journal::MAX_COMMIT_BYTES;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::commit_message::{HEADER_ROOM, ROOT};
use crate::settings::JournalSettings;

/// A server of which the leader has not heard for so long is away; they hear of each other every second.
const AWAY: Duration = Duration::from_secs(4);

/// The state and settings of a stream, as JetStream tells them.
#[derive(Debug, Deserialize)]
pub(crate) struct StreamInfo {
    pub(crate) config: Map<String, Value>,
    pub(crate) state: StreamState,
    /// The number of subjects there are, where they were asked for; a very long list is cut.
    #[serde(default)]
    pub(crate) total: usize,
    /// The instant at which it was created, as the server tells it.
    #[serde(default)]
    pub(crate) created: String,
    pub(crate) cluster: Option<StreamCluster>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct StreamState {
    pub(crate) last_seq: u64,
    /// The number of messages on each subject, where that was asked for.
    #[serde(default)]
    pub(crate) subjects: HashMap<String, u64>,
    /// Messages the server found damaged or gone when it started.
    pub(crate) lost: Option<LostData>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LostData {
    #[serde(default)]
    pub(crate) bytes: u64,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct StreamCluster {
    #[serde(default)]
    pub(crate) leader: String,
    #[serde(default)]
    replicas: Vec<StreamPeer>,
}

#[derive(Debug, Deserialize)]
struct StreamPeer {
    name: String,
    #[serde(default)]
    offline: bool,
    /// Whether it has all that the leader has.
    #[serde(default)]
    current: bool,
    /// Nanoseconds since the leader last heard of it; 0 as well if it never did.
    #[serde(default)]
    active: u64,
}

impl StreamPeer {
    /// Whether it takes no part now, so that it acknowledges nothing either.
    fn is_away(&self) -> bool {
        self.offline
            || Duration::from_nanos(self.active) > AWAY
            || (self.active == 0 && !self.current)
    }
}

impl StreamInfo {
    /// The names of the servers that hold the stream and take part now.
    pub(crate) fn servers(&self) -> Vec<&str> {
        let Some(cluster) = &self.cluster else {
            return Vec::new();
        };
        let others = cluster
            .replicas
            .iter()
            .filter(|peer| !peer.is_away())
            .map(|peer| &*peer.name);
        std::iter::once(&*cluster.leader)
            .chain(others)
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// Whether the one that leads the stream said this. Another one that holds it answers while it sees nobody lead, or
    /// was made to just before; it may lag, and names the leader among the others.
    pub(crate) fn is_the_leaders(&self) -> bool {
        let Some(cluster) = &self.cluster else {
            return true;
        };
        let others = self
            .config
            .get("num_replicas")
            .and_then(Value::as_u64)
            .is_none_or(|replicas| replicas < 2)
            || !cluster.replicas.is_empty();
        others
            && !cluster.leader.is_empty()
            && cluster
                .replicas
                .iter()
                .all(|peer| peer.name != cluster.leader)
    }

    /// Whether more than one server holds the stream.
    pub(crate) fn is_clustered(&self) -> bool {
        self.cluster
            .as_ref()
            .is_some_and(|cluster| !cluster.replicas.is_empty())
    }
}

/// The stream as it is created.
pub(crate) fn wanted(settings: &JournalSettings) -> Value {
    json!({
        "name": settings.stream,
        "description": "Every commit of every book of Picket. Nothing is ever taken away.",
        "subjects": [format!("{ROOT}.>")],
        "retention": "limits",
        "storage": "file",
        "num_replicas": settings.replicas,
        "discard": "new",
        "max_bytes": settings.max_bytes,
        "max_msg_size": MAX_COMMIT_BYTES + HEADER_ROOM,
        "max_msgs": -1,
        "max_msgs_per_subject": -1,
        "max_age": 0,
        "max_consumers": -1,
        "deny_delete": true,
        "deny_purge": true,
        "allow_rollup_hdrs": false,
        "allow_direct": false,
        "allow_atomic": true,
    })
}

/// A setting of a stream that Picket cannot live with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnfitSetting {
    /// Its name in JetStream's own JSON.
    pub setting: &'static str,
    /// The value found.
    pub found: String,
    /// The value it must have.
    pub wanted: String,
    /// Whether `nats stream edit` can change it.
    pub editable: bool,
}

impl UnfitSetting {
    /// A setting as it was found, and what it must be.
    fn found(setting: &'static str, found: &Value, wanted: String, editable: bool) -> Self {
        Self {
            setting,
            found: found.to_string(),
            wanted,
            editable,
        }
    }
}

/// Compares a stream with what it must be; the first thing that is wrong.
pub(crate) fn check(info: &StreamInfo, settings: &JournalSettings) -> Result<(), UnfitSetting> {
    check_exact(&info.config)?;
    check_absent(&info.config)?;
    check_limits(&info.config, settings)
}

/// JournalSettings that have one good value.
fn check_exact(config: &Map<String, Value>) -> Result<(), UnfitSetting> {
    let size = MAX_COMMIT_BYTES + HEADER_ROOM;
    let exact: [(&'static str, Value, bool); 20] = [
        ("subjects", json!([format!("{ROOT}.>")]), true),
        ("retention", json!("limits"), false),
        ("storage", json!("file"), false),
        ("discard", json!("new"), true),
        ("discard_new_per_subject", json!(false), true),
        ("max_msg_size", json!(size), true),
        ("max_msgs", json!(-1), true),
        ("max_msgs_per_subject", json!(-1), true),
        ("max_age", json!(0), true),
        ("deny_delete", json!(true), false),
        ("deny_purge", json!(true), false),
        ("allow_rollup_hdrs", json!(false), true),
        ("allow_direct", json!(false), true),
        ("allow_atomic", json!(true), true),
        // A stream with schedules lets its messages be rolled up and purged, whatever else it says.
        ("allow_msg_schedules", json!(false), false),
        ("allow_msg_ttl", json!(false), false),
        ("allow_msg_counter", json!(false), false),
        ("no_ack", json!(false), true),
        ("sealed", json!(false), false),
        ("persist_mode", json!("default"), false),
    ];
    for (setting, wanted, editable) in exact {
        // What the server leaves out.
        let absent = match &wanted {
            Value::Bool(_) => json!(false),
            Value::String(word) if word == "default" => json!("default"),
            _ => Value::Null,
        };
        let found = config.get(setting).unwrap_or(&absent);
        if *found != wanted && !(setting == "persist_mode" && *found == json!("")) {
            return Err(UnfitSetting::found(
                setting,
                found,
                wanted.to_string(),
                editable,
            ));
        }
    }
    Ok(())
}

/// JournalSettings that bring messages from elsewhere, or change where they stand.
fn check_absent(config: &Map<String, Value>) -> Result<(), UnfitSetting> {
    for setting in ["mirror", "sources", "subject_transform"] {
        if let Some(found) = config
            .get(setting)
            .filter(|found| !found.is_null() && **found != json!([]))
        {
            return Err(UnfitSetting::found(
                setting,
                found,
                "nothing".to_owned(),
                false,
            ));
        }
    }
    Ok(())
}

/// JournalSettings that are numbers with a bound.
fn check_limits(
    config: &Map<String, Value>,
    settings: &JournalSettings,
) -> Result<(), UnfitSetting> {
    let number = |setting| {
        config
            .get(setting)
            .and_then(Value::as_i64)
            .unwrap_or_default()
    };
    let max_bytes = number("max_bytes");
    if max_bytes <= 0 {
        // Without a limit the disk fills first, and then the server freezes the stream until it is started again.
        return Err(UnfitSetting::found(
            "max_bytes",
            &json!(max_bytes),
            "a limit that bites before the disk is full".to_owned(),
            true,
        ));
    }
    let wanted = i64::try_from(settings.replicas).unwrap_or(i64::MAX);
    let replicas = number("num_replicas");
    if replicas < wanted {
        return Err(UnfitSetting::found(
            "num_replicas",
            &json!(replicas),
            format!("at least {wanted}"),
            true,
        ));
    }
    Ok(())
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn made(settings: &JournalSettings) -> Map<String, Value> {
        let Value::Object(mut config) = wanted(settings) else {
            unreachable!("a stream is an object")
        };
        // The server leaves out what is false.
        config.remove("allow_rollup_hdrs");
        config
    }

    fn judged(config: Map<String, Value>, settings: &JournalSettings) -> Result<(), UnfitSetting> {
        check(
            &StreamInfo {
                config,
                total: 0,
                created: String::new(),
                state: StreamState {
                    last_seq: 0,
                    subjects: HashMap::new(),
                    lost: None,
                },
                cluster: None,
            },
            settings,
        )
    }

    #[test]
    fn a_stream_as_it_is_created_is_good() {
        let settings = JournalSettings::default();
        assert_eq!(judged(made(&settings), &settings), Ok(()));
        let mut with_more = made(&settings);
        with_more.insert("num_replicas".to_owned(), json!(3));
        with_more.insert("max_bytes".to_owned(), json!(1_i64 << 40));
        with_more.insert("persist_mode".to_owned(), json!("default"));
        with_more.insert("metadata".to_owned(), json!({"_nats.ver": "2.15.1"}));
        assert_eq!(judged(with_more, &settings), Ok(()));
    }

    #[test]
    fn a_server_that_is_away_holds_up_nobody_and_the_leader_is_never_away() {
        let cluster = |active: u64, current: bool, offline: bool| -> StreamInfo {
            let peers = json!([{"name": "n2", "active": 100}, {"name": "n3", "current": current, "active": active, "offline": offline}]);
            serde_json::from_value(json!({"config": {}, "state": {"last_seq": 0}, "cluster": {"leader": "n1", "replicas": peers}})).unwrap()
        };
        assert_eq!(
            cluster(900_000_000, false, false).servers(),
            ["n1", "n2", "n3"]
        );
        assert_eq!(cluster(0, true, false).servers(), ["n1", "n2", "n3"]);
        assert_eq!(cluster(5_000_000_000, true, false).servers(), ["n1", "n2"]);
        assert_eq!(cluster(900_000_000, true, true).servers(), ["n1", "n2"]);
        // A leader that was just elected has not heard of a dead one at all.
        assert_eq!(cluster(0, false, false).servers(), ["n1", "n2"]);
    }

    #[test]
    fn a_stream_that_could_lose_a_commit_is_refused() {
        let settings = JournalSettings {
            replicas: 3,
            ..JournalSettings::default()
        };
        let ways = [
            ("subjects", json!(["picket.>"])),
            ("retention", json!("interest")),
            ("storage", json!("memory")),
            ("discard", json!("old")),
            ("discard_new_per_subject", json!(true)),
            ("max_msg_size", json!(1000)),
            ("max_msgs", json!(1000)),
            ("max_msgs_per_subject", json!(1)),
            ("max_age", json!(1_000_000_000)),
            ("max_bytes", json!(-1)),
            ("num_replicas", json!(1)),
            ("deny_delete", json!(false)),
            ("deny_purge", json!(false)),
            ("allow_rollup_hdrs", json!(true)),
            ("allow_direct", json!(true)),
            ("allow_atomic", json!(false)),
            ("allow_msg_schedules", json!(true)),
            ("allow_msg_ttl", json!(true)),
            ("allow_msg_counter", json!(true)),
            ("no_ack", json!(true)),
            ("sealed", json!(true)),
            ("persist_mode", json!("async")),
            ("mirror", json!({"name": "other"})),
            ("sources", json!([{"name": "other"}])),
            ("subject_transform", json!({"src": "a", "dest": "b"})),
        ];
        for (setting, bad) in ways {
            let mut config = made(&settings);
            config.insert(setting.to_owned(), bad);
            assert_eq!(judged(config, &settings).unwrap_err().setting, setting);
        }
        for needed in [
            "deny_delete",
            "deny_purge",
            "allow_atomic",
            "discard",
            "max_bytes",
        ] {
            let mut config = made(&settings);
            config.remove(needed);
            assert_eq!(judged(config, &settings).unwrap_err().setting, needed);
        }
    }

    #[test]
    fn only_what_the_leader_says_counts() {
        let says = |cluster| {
            serde_json::from_value::<StreamInfo>(json!({"config": {"num_replicas": 3}, "state": {"last_seq": 9}, "cluster": cluster})).unwrap().is_the_leaders()
        };
        let peers = |names: [&str; 2]| names.map(|name| json!({"name": name, "current": true}));
        assert!(says(Value::Null), "one server alone");
        assert!(
            !says(json!({"leader": "n1"})),
            "one that does not know the others yet"
        );
        let alone = json!({"config": {"num_replicas": 1}, "state": {"last_seq": 9}, "cluster": {"leader": "n1"}});
        assert!(
            serde_json::from_value::<StreamInfo>(alone)
                .unwrap()
                .is_the_leaders(),
            "one of a cluster that holds it alone"
        );
        assert!(says(
            json!({"leader": "n1", "replicas": peers(["n2", "n3"])})
        ));
        assert!(
            !says(json!({"leader": "", "replicas": peers(["n2", "n3"])})),
            "nobody leads"
        );
        assert!(!says(json!({"replicas": peers(["n2", "n3"])})));
        assert!(
            !says(json!({"leader": "n1", "replicas": peers(["n1", "n3"])})),
            "another one said it"
        );
    }
}
