//! Bytes of every command to the server, and so the keys and values it keeps: processes of other versions share them.
//!
//! What is sent is caught at a Unix socket in a folder of the test; no server is needed.

use std::sync::Mutex;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::*;

/// SHA-1 of the scripts, by which a server knows them: what they keep is what they always kept.
const LEASE: &str = "a3674cc540f9449209699b9e630481f9f8831459";
const RELEASE: &str = "35275a9fb74e31c9ba17eee337c9bc12bd5bfe27";
const TAKE: &str = "7bd5165442df37a60747c21c3637659e2017d262";

type Said = Arc<Mutex<Vec<Vec<String>>>>;

/// A store whose words are written down; whoever hears them says yes to all.
struct Caught {
    store: RedisEphemera,
    said: Said,
    _folder: TempDir,
}

impl Caught {
    async fn new(prefix: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let (listener, said) = (UnixListener::bind(&path).unwrap(), Said::default());
        let log = said.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hear(stream, log.clone()));
            }
        });
        let settings = RedisSettings {
            prefix: prefix.to_owned(),
            patience: Duration::from_secs(20),
        };
        let store = RedisEphemera::open(&format!("unix://{}", path.display()), &settings).unwrap();
        Self {
            store,
            said,
            _folder: folder,
        }
    }

    /// What was said since the last look, but for what every connection begins with.
    fn said(&self) -> Vec<Vec<String>> {
        let said = std::mem::take(&mut *self.said.lock().unwrap());
        said.into_iter()
            .filter(|words| !matches!(words[0].as_str(), "CLIENT" | "INFO"))
            .collect()
    }
}

async fn hear(stream: UnixStream, log: Said) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let count = number(&mut stream, '*').await?;
        let mut words = Vec::new();
        for _ in 0..count {
            let mut word = vec![0; number(&mut stream, '$').await? + 2];
            stream.read_exact(&mut word).await.ok()?;
            word.truncate(word.len() - 2);
            words.push(String::from_utf8(word).unwrap());
        }
        let answer = match words[0].as_str() {
            "EVALSHA" => ":0\r\n",
            "GET" => "$5\r\nvalue\r\n",
            _ => "+OK\r\n",
        };
        log.lock().unwrap().push(words);
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn number(stream: &mut BufReader<UnixStream>, sign: char) -> Option<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    line.trim_end().strip_prefix(sign)?.parse().ok()
}

#[test]
fn keys_are_what_they_always_were() {
    assert_eq!(RedisSettings::default().prefix, "picket");
    let store = RedisEphemera::open("redis://127.0.0.1:6379", &RedisSettings::default()).unwrap();
    let keys = ["lease", "token", "bucket", "value"]
        .map(|kind| String::from_utf8(store.key(kind, "shard.8.dispatch.7")).unwrap());
    assert_eq!(
        keys,
        [
            "picket:lease:shard.8.dispatch.7",
            "picket:token:shard.8.dispatch.7",
            "picket:bucket:shard.8.dispatch.7",
            "picket:value:shard.8.dispatch.7"
        ]
    );
}

#[test]
fn scripts_are_what_they_always_were() {
    let hashes = [scripts::LEASE, scripts::RELEASE, scripts::TAKE]
        .map(|code| redis::Script::new(code).get_hash().to_owned());
    assert_eq!(hashes, [LEASE, RELEASE, TAKE]);
}

#[test]
fn a_lease_is_kept_as_its_token_and_its_holder_and_a_bucket_as_the_microsecond_at_which_it_is_full()
{
    assert!(scripts::LEASE.contains("redis.call('SET', KEYS[1], string.format('%.0f', token) .. ':' .. ARGV[1], 'NX', 'PX', ARGV[2])"));
    assert!(scripts::LEASE.contains(
        "redis.call('SET', KEYS[2], string.format('%.0f', math.max(token, last)), 'PX', ARGV[3])"
    ));
    assert!(scripts::TAKE.contains("redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.max(math.ceil((after - now) / 1000), 1))"));
}

#[tokio::test]
async fn a_lease_is_asked_for_and_given_back_as_it_always_was() {
    let caught = Caught::new("picket").await;
    let lease = caught
        .store
        .lease(
            "shard.8.dispatch.7",
            "replica-1",
            Duration::from_millis(5_000),
        )
        .await;
    assert_eq!(
        lease,
        Ok(Some(Lease {
            token: 0,
            ttl: Duration::from_secs(5)
        }))
    );
    assert_eq!(
        caught.said(),
        [[
            "EVALSHA",
            LEASE,
            "2",
            "picket:lease:shard.8.dispatch.7",
            "picket:token:shard.8.dispatch.7",
            "replica-1",
            "5000",
            "604800000"
        ]]
    );
    caught
        .store
        .release("shard.8.dispatch.7", "replica-1")
        .await
        .unwrap();
    assert_eq!(
        caught.said(),
        [[
            "EVALSHA",
            RELEASE,
            "1",
            "picket:lease:shard.8.dispatch.7",
            "replica-1"
        ]]
    );
}

#[tokio::test]
async fn a_bucket_is_taken_from_as_it_always_was() {
    let caught = Caught::new("picket").await;
    let taken = caught
        .store
        .take(
            "telegram/7/all",
            2,
            Rate {
                burst: 6,
                per: Duration::from_millis(210),
            },
        )
        .await;
    assert_eq!(
        taken,
        Ok(Taken {
            allowed: true,
            retry_after: Duration::ZERO
        })
    );
    assert_eq!(
        caught.said(),
        [[
            "EVALSHA",
            TAKE,
            "1",
            "picket:bucket:telegram/7/all",
            "70000",
            "210000"
        ]]
    );
}

#[tokio::test]
async fn a_value_is_put_and_read_as_it_always_was() {
    let caught = Caught::new("other:one").await;
    caught
        .store
        .put("telegram/7/seat/17", b"{}", Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(
        caught.said(),
        [[
            "SET",
            "other:one:value:telegram/7/seat/17",
            "{}",
            "PX",
            "60000"
        ]]
    );
    assert_eq!(
        caught
            .store
            .put_if_absent("telegram/7/carried/1", b"1", Duration::from_secs(60))
            .await,
        Ok(true)
    );
    assert_eq!(
        caught.said(),
        [[
            "SET",
            "other:one:value:telegram/7/carried/1",
            "1",
            "PX",
            "60000",
            "NX"
        ]]
    );
    assert_eq!(
        caught.store.get("telegram/7/seat/17").await,
        Ok(Some(b"value".to_vec()))
    );
    assert_eq!(
        caught.said(),
        [["GET", "other:one:value:telegram/7/seat/17"]]
    );
}
