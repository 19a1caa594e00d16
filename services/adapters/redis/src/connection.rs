//! The connection to the server: one shared by all calls, made anew with backoff when it fails.
//!
//! The store sends through it. A connection that broke, or on which a reply did not come in time, is given up: a reply
//! that is missing says nothing about the next ones, and a silent connection would stay silent. While the server is
//! away most calls fail at once and one of them tries again, at most half a second apart. It does not know what is
//! sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use picket_ephemera::EphemeraError;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, FromRedisValue, RedisError, ServerErrorKind,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The pause after a failed attempt to connect, at first and at the longest; jitter adds up to as much again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(250));

/// The pauses between attempts to connect: exponential backoff with jitter, so that many processes that lost one server
/// do not come back to it at one instant.
fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(PAUSES.0)
        .with_max_delay(PAUSES.1)
        .with_jitter()
        .without_max_times()
        .build()
}

/// A call of the server: a command, or a script with its keys and arguments.
pub(crate) enum RedisCall {
    Command(redis::Cmd),
    Script(LuaScript, Vec<Vec<u8>>, Vec<Vec<u8>>),
}

/// A script and the hash servers know it by.
#[derive(Clone)]
pub(crate) struct LuaScript {
    code: &'static str,
    hash: Arc<str>,
}

impl LuaScript {
    pub(crate) fn new(code: &'static str) -> Self {
        Self {
            code,
            hash: redis::Script::new(code).get_hash().into(),
        }
    }
}

impl RedisCall {
    async fn send(
        &self,
        connection: &mut MultiplexedConnection,
    ) -> Result<redis::Value, RedisError> {
        let (script, keys, args) = match self {
            Self::Command(command) => return command.query_async(connection).await,
            Self::Script(script, keys, args) => (script, keys, args),
        };
        let call = |verb: &str, script: &str| {
            redis::cmd(verb)
                .arg(script)
                .arg(keys.len())
                .arg(keys.as_slice())
                .arg(args.as_slice())
                .clone()
        };
        match call("EVALSHA", &script.hash).query_async(connection).await {
            // Sent whole, which cannot meet a server that just forgot it again; the server keeps it.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                call("EVAL", script.code).query_async(connection).await
            }
            answer => answer,
        }
    }
}

/// The connection; clones share it.
#[derive(Clone)]
pub(crate) struct SharedConnection {
    client: Client,
    patience: Duration,
    state: Arc<Mutex<ConnectionState>>,
}

struct ConnectionState {
    /// Counts connections, so that a call gives up only the one it failed on.
    generation: u64,
    connection: Option<MultiplexedConnection>,
    /// The pauses that are left until an attempt succeeds.
    pauses: ExponentialBackoff,
    /// Before this instant nobody tries to connect, and why the last attempt failed.
    refused: Option<(Instant, String)>,
}

impl SharedConnection {
    pub(crate) fn new(client: Client, patience: Duration) -> Self {
        Self {
            client,
            patience,
            state: Arc::new(Mutex::new(ConnectionState {
                generation: 0,
                connection: None,
                pauses: pauses(),
                refused: None,
            })),
        }
    }

    /// Sends a call and waits, no longer than the patience of the connection.
    ///
    /// An idempotent one is sent again, once, when the connection broke under it: a server that was restarted between
    /// two calls then costs nobody an answer.
    pub(crate) async fn send<T: FromRedisValue>(
        &self,
        call: RedisCall,
        idempotent: bool,
    ) -> Result<T, EphemeraError> {
        let on = AtomicU64::new(0);
        let sent =
            tokio::time::timeout(self.patience, self.send_retrying(&call, idempotent, &on)).await;
        let value = match sent {
            Ok(answer) => answer?,
            Err(_) => return Err(self.silent(on.into_inner())),
        };
        redis::from_redis_value(value)
            .map_err(|_| EphemeraError::Unavailable("Redis answered something unexpected".into()))
    }

    /// Sends a call, twice at the most; notes in `on` which connection it waits for.
    async fn send_retrying(
        &self,
        call: &RedisCall,
        idempotent: bool,
        on: &AtomicU64,
    ) -> Result<redis::Value, EphemeraError> {
        let mut again = idempotent;
        loop {
            let (generation, mut connection) = self.connection().await?;
            on.store(generation, Ordering::Relaxed);
            let error = match call.send(&mut connection).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if breaks_the_connection(&error) {
                self.give_up(generation).await;
                if std::mem::take(&mut again) {
                    continue;
                }
            }
            return Err(unavailable(&error));
        }
    }

    /// The connection there is, or a new one.
    async fn connection(&self) -> Result<(u64, MultiplexedConnection), EphemeraError> {
        // Held while connecting: one attempt serves all who wait, and each of them waits no longer than its patience.
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.connection {
            return Ok((state.generation, connection.clone()));
        }
        if let Some((until, why)) = &state.refused
            && Instant::now() < *until
        {
            return Err(EphemeraError::Unavailable(why.clone()));
        }
        // Should the caller stop waiting in the middle of this, the next one finds the pause already set.
        let pause = state.pauses.next().unwrap_or(PAUSES.1);
        state.refused = Some((Instant::now() + pause, "Redis does not answer".into()));
        match self.connect().await {
            Ok(connection) => {
                state.generation += 1;
                state.connection = Some(connection.clone());
                state.refused = None;
                state.pauses = pauses();
                Ok((state.generation, connection))
            }
            Err(why) => {
                let EphemeraError::Unavailable(text) = &why else {
                    return Err(why);
                };
                state.refused = Some((Instant::now() + pause, text.clone()));
                Err(why)
            }
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, EphemeraError> {
        // The library gives a reply half a second by default; here each call brings its own patience.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.patience))
            .set_response_timeout(Some(self.patience));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| unavailable(&error))?;
        // A server whose access list keeps this to itself is taken at its word.
        let told: Result<String, _> = redis::cmd("INFO")
            .arg("server")
            .query_async(&mut connection)
            .await;
        match told {
            Ok(told) if major(&told).is_some_and(|major| major < 6) => {
                Err(EphemeraError::Unavailable(
                    "this Redis is older than 6: install Redis 6 or later, or Valkey".into(),
                ))
            }
            Err(error) if breaks_the_connection(&error) => Err(unavailable(&error)),
            _ => Ok(connection),
        }
    }

    async fn give_up(&self, generation: u64) {
        let mut state = self.state.lock().await;
        if state.generation == generation {
            state.connection = None;
        }
    }

    /// No answer in time: the connection is given up. Who holds the lock is just making a new one.
    fn silent(&self, generation: u64) -> EphemeraError {
        if let Ok(mut state) = self.state.try_lock()
            && state.generation == generation
        {
            state.connection = None;
        }
        EphemeraError::Unavailable(format!("Redis did not answer within {:?}", self.patience))
    }
}

/// The first number of `redis_version`; Valkey tells the version of Redis it stands for under the same name.
fn major(info: &str) -> Option<u32> {
    info.lines()
        .find_map(|line| line.strip_prefix("redis_version:"))?
        .split('.')
        .next()?
        .trim()
        .parse()
        .ok()
}

/// Whether another connection may do better: this one is broken or silent, or leads to a server that only reads.
fn breaks_the_connection(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
        )
}

fn unavailable(error: &RedisError) -> EphemeraError {
    // Neither address nor password is part of what the library says; keys and values are not either.
    EphemeraError::Unavailable(match error.kind() {
        ErrorKind::AuthenticationFailed => "Redis refused the password".into(),
        ErrorKind::Server(ServerErrorKind::BusyLoading) => "Redis is still loading".into(),
        ErrorKind::Server(ServerErrorKind::NoPerm) => "this user of Redis may not do that".into(),
        _ if error.code() == Some("OOM") => "Redis is full".into(),
        _ => format!(
            "Redis: {}",
            error.to_string().chars().take(200).collect::<String>()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_redis_and_valkey_say() {
        assert_eq!(
            major("# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n"),
            Some(7)
        );
        assert_eq!(
            major(
                "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\n"
            ),
            Some(7)
        );
        assert_eq!(major("redis_version:5.0.14\r\n"), Some(5));
        assert_eq!(major("nothing of the kind"), None);
    }
}
