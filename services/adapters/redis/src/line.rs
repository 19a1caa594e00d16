//! The line to the server: one connection shared by all calls, made anew when it fails.
//!
//! The store sends through it. A connection that broke, or on which a reply did not come in time, is given
//! up: a reply that is missing says nothing about the next ones, and a silent line would stay silent. While
//! the server is away most calls fail at once and one of them tries again, at most half a second apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use picket_ephemera::EphemeraError;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, FromRedisValue, RedisError, ServerErrorKind,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The first pause after a failed attempt to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What is sent: a command, or a script with its keys and arguments.
pub(crate) enum Ask {
    Command(redis::Cmd),
    Script(Script, Vec<Vec<u8>>, Vec<Vec<u8>>),
}

/// A script and the hash servers know it by.
#[derive(Clone)]
pub(crate) struct Script {
    code: &'static str,
    hash: Arc<str>,
}

impl Script {
    pub(crate) fn new(code: &'static str) -> Self {
        Self {
            code,
            hash: redis::Script::new(code).get_hash().into(),
        }
    }
}

impl Ask {
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

/// The line; clones share it.
#[derive(Clone)]
pub(crate) struct Line {
    client: Client,
    patience: Duration,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Counts connections, so that a call gives up only the one it failed on.
    generation: u64,
    connection: Option<MultiplexedConnection>,
    pause: Duration,
    /// Before this instant nobody tries to connect, and why the last attempt failed.
    refused: Option<(Instant, String)>,
}

impl Line {
    pub(crate) fn new(client: Client, patience: Duration) -> Self {
        Self {
            client,
            patience,
            state: Arc::new(Mutex::new(State {
                generation: 0,
                connection: None,
                pause: FIRST_PAUSE,
                refused: None,
            })),
        }
    }

    /// Sends and waits, no longer than the patience of the line.
    ///
    /// What may be said `twice` without another effect is said again when the line broke under it: a server
    /// that was restarted between two calls then costs nobody an answer.
    pub(crate) async fn ask<T: FromRedisValue>(
        &self,
        ask: Ask,
        twice: bool,
    ) -> Result<T, EphemeraError> {
        let on = AtomicU64::new(0);
        let asked = tokio::time::timeout(self.patience, self.tried(&ask, twice, &on)).await;
        let value = match asked {
            Ok(answer) => answer?,
            Err(_) => return Err(self.silent(on.into_inner())),
        };
        redis::from_redis_value(value)
            .map_err(|_| EphemeraError::Unavailable("Redis answered something unexpected".into()))
    }

    /// Notes in `on` which connection it waits for.
    async fn tried(
        &self,
        ask: &Ask,
        twice: bool,
        on: &AtomicU64,
    ) -> Result<redis::Value, EphemeraError> {
        let mut again = twice;
        loop {
            let (generation, mut connection) = self.connection().await?;
            on.store(generation, Ordering::Relaxed);
            let error = match ask.send(&mut connection).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if gives_up_the_line(&error) {
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
        let pause = state.pause;
        state.refused = Some((Instant::now() + pause, "Redis does not answer".into()));
        state.pause = (pause * 2).min(LONGEST_PAUSE);
        match self.connect().await {
            Ok(connection) => {
                state.generation += 1;
                state.connection = Some(connection.clone());
                state.refused = None;
                state.pause = FIRST_PAUSE;
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
            Err(error) if gives_up_the_line(&error) => Err(unavailable(&error)),
            _ => Ok(connection),
        }
    }

    async fn give_up(&self, generation: u64) {
        let mut state = self.state.lock().await;
        if state.generation == generation {
            state.connection = None;
        }
    }

    /// No answer in time: the line is given up. Who holds the lock is just making a new one.
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
fn gives_up_the_line(error: &RedisError) -> bool {
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
