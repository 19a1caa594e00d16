//! The store of leases, rate limits and values on Redis: names become keys, each verb is one call.
//!
//! Keys are `<prefix>:lease:…`, `<prefix>:token:…`, `<prefix>:bucket:…` and `<prefix>:value:…`; all of them have a time
//! to live, so what is forgotten by everybody goes by itself. It does not know how a call is sent.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use picket_ephemera::{
    Ephemera, EphemeraError, Lease, MAX_TTL, Rate, Taken, check_key, check_rate, check_ttl,
    check_value,
};
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo};

use crate::connection::{LuaScript, RedisCall, SharedConnection};
use crate::scripts;

/// The time to live of the last token of a lease: longer than any lease that was not renewed lives.
const TOKEN_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The longest prefix.
const MAX_PREFIX_BYTES: usize = 64;

/// The settings of the store: how it is reached.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// The beginning of every key; two Pickets on one server have two prefixes.
    pub prefix: String,
    /// The longest any call waits, connecting included.
    pub patience: Duration,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            prefix: "picket".into(),
            patience: Duration::from_secs(1),
        }
    }
}

/// The reason why the store cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum RedisOpenError {
    /// Not an address; it is not shown, because it may hold a password.
    #[error(
        "the address of Redis cannot be read; write redis://[user:password@]host:port[/db] or unix:///path/to/socket"
    )]
    Address,
    /// Encryption to Redis is not built in.
    #[error(
        "Redis over TLS is not built in; use redis:// within a private network, or a tunnel on this machine"
    )]
    Encrypted,
    /// A prefix with something else than letters, digits, `-`, `_`, `.` and `:`, or none, or a long one.
    #[error("the prefix of keys must be 1 to 64 letters, digits, `-`, `_`, `.` or `:`")]
    Prefix,
    /// A patience of nothing.
    #[error("the patience with Redis must be more than nothing")]
    Patience,
}

/// The store of short-lived things in Redis. Clones share one connection.
#[derive(Clone)]
pub struct RedisEphemera {
    connection: SharedConnection,
    prefix: Arc<str>,
    lease: LuaScript,
    release: LuaScript,
    take: LuaScript,
}

impl std::fmt::Debug for RedisEphemera {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("RedisEphemera")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl RedisEphemera {
    /// For an address such as `redis://127.0.0.1:6379`. Nothing is connected before the first call: a server
    /// that is away at the start may come later.
    pub fn open(address: &str, settings: &RedisSettings) -> Result<Self, RedisOpenError> {
        let in_prefix = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        if settings.prefix.is_empty()
            || settings.prefix.len() > MAX_PREFIX_BYTES
            || !settings.prefix.chars().all(in_prefix)
        {
            return Err(RedisOpenError::Prefix);
        }
        if settings.patience.is_zero() {
            return Err(RedisOpenError::Patience);
        }
        if address.starts_with("rediss:") || address.starts_with("valkeys:") {
            return Err(RedisOpenError::Encrypted);
        }
        let info = address
            .into_connection_info()
            .map_err(|_| RedisOpenError::Address)?;
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = Client::open(info).map_err(|_| RedisOpenError::Address)?;
        Ok(Self {
            connection: SharedConnection::new(client, settings.patience),
            prefix: settings.prefix.as_str().into(),
            lease: LuaScript::new(scripts::LEASE),
            release: LuaScript::new(scripts::RELEASE),
            take: LuaScript::new(scripts::TAKE),
        })
    }

    /// Whether the server answers now.
    pub async fn ping(&self) -> Result<(), EphemeraError> {
        self.connection
            .send::<String>(RedisCall::Command(redis::cmd("PING")), true)
            .await
            .map(drop)
    }

    fn key(&self, kind: &str, name: &str) -> Vec<u8> {
        format!("{}:{kind}:{name}", self.prefix).into_bytes()
    }

    fn set(&self, key: &str, value: &[u8], ttl: Duration) -> redis::Cmd {
        let mut command = redis::cmd("SET");
        command
            .arg(self.key("value", key))
            .arg(value)
            .arg("PX")
            .arg(millis(ttl));
        command
    }
}

/// Whole milliseconds, rounded down: nothing lives longer than it was given.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).expect("a time to live has at most 48 hours")
}

fn text(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}

#[async_trait]
impl Ephemera for RedisEphemera {
    async fn lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>, EphemeraError> {
        check_key(name)?;
        check_key(holder)?;
        check_ttl(ttl)?;
        let keys = vec![self.key("lease", name), self.key("token", name)];
        let args = vec![
            holder.as_bytes().to_vec(),
            text(millis(ttl)),
            text(millis(TOKEN_TTL.max(MAX_TTL))),
        ];
        // Idempotent: sent twice it is a lease that was renewed.
        let token: Option<u64> = self
            .connection
            .send(RedisCall::Script(self.lease.clone(), keys, args), true)
            .await?;
        Ok(token.map(|token| Lease { token, ttl }))
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), EphemeraError> {
        check_key(name)?;
        check_key(holder)?;
        let call = RedisCall::Script(
            self.release.clone(),
            vec![self.key("lease", name)],
            vec![holder.as_bytes().to_vec()],
        );
        self.connection.send::<u64>(call, true).await.map(drop)
    }

    async fn take(&self, bucket: &str, cost: u32, rate: Rate) -> Result<Taken, EphemeraError> {
        check_key(bucket)?;
        check_rate(cost, rate)?;
        if cost == 0 {
            return Ok(Taken {
                allowed: true,
                retry_after: Duration::ZERO,
            });
        }
        let per = u64::try_from(rate.per.as_micros())
            .expect("48 hours are fewer microseconds than 64 bits hold");
        // Rounded down, so that a whole burst taken piece by piece is never refused its last piece.
        let share = u64::try_from(u128::from(per) * u128::from(cost) / u128::from(rate.burst))
            .expect("a share is at most the whole");
        let call = RedisCall::Script(
            self.take.clone(),
            vec![self.key("bucket", bucket)],
            vec![text(share), text(per)],
        );
        // Not idempotent: sent twice it would take twice.
        let wait: u64 = self.connection.send(call, false).await?;
        Ok(Taken {
            allowed: wait == 0,
            retry_after: Duration::from_micros(wait),
        })
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), EphemeraError> {
        check_key(key)?;
        check_value(value)?;
        check_ttl(ttl)?;
        self.connection
            .send::<String>(RedisCall::Command(self.set(key, value, ttl)), true)
            .await
            .map(drop)
    }

    async fn put_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, EphemeraError> {
        check_key(key)?;
        check_value(value)?;
        check_ttl(ttl)?;
        let mut command = self.set(key, value, ttl);
        command.arg("NX");
        // Not idempotent: sent twice it would find its own value there and say that somebody else was first.
        let put: Option<String> = self
            .connection
            .send(RedisCall::Command(command), false)
            .await?;
        Ok(put.is_some())
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        check_key(key)?;
        let mut command = redis::cmd("GET");
        command.arg(self.key("value", key));
        self.connection
            .send(RedisCall::Command(command), true)
            .await
    }
}

#[cfg(test)]
mod wire_tests;
