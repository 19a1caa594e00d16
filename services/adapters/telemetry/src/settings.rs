//! Settings of telemetry: one collector, or none, and which log lines.
//!
//! The binary reads it from the environment or fills it in. It holds no secret in a form that prints.

use std::str::FromStr;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::scrub::Secrets;

/// Where the collector listens: `http://127.0.0.1:4318`.
pub const PICKET_OTLP: &str = "PICKET_OTLP";
/// The share of traces that is exported, from 0 to 1; all of them unless said.
pub const PICKET_OTLP_SHARE: &str = "PICKET_OTLP_SHARE";
/// The least important log lines that are told: `error`, `warn`, `info` (the default), `debug`, `trace` or `off`.
pub const PICKET_LOG: &str = "PICKET_LOG";

/// What is told where.
#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// What this process is called, such as `picket-dispatch`.
    pub service: String,
    /// Which of several it is: a replica's name. Empty where there is one.
    pub instance: String,
    /// The collector; none means that nothing leaves the process but log lines.
    pub collector: Option<Collector>,
    /// The share of traces that is exported.
    pub share: f64,
    /// The least important log lines that are told.
    pub level: LevelFilter,
    /// What no line and no span may hold.
    pub secrets: Secrets,
    /// How long the end of the process waits for what is still to be sent.
    pub patience: Duration,
}

/// The address of a collector that takes OTLP over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector(String);

/// Why a setting cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// Not the address of a collector; it is not shown, because it may hold a password.
    #[error(
        "PICKET_OTLP must be http://host:port, the OTLP/HTTP port of a collector on this machine or in a private network"
    )]
    Collector,
    /// Not a level.
    #[error("PICKET_LOG must be error, warn, info, debug, trace or off")]
    Level,
    /// Not a share.
    #[error("PICKET_OTLP_SHARE must be a number from 0 to 1")]
    Share,
}

impl TelemetrySettings {
    /// No collector; log lines from `info` on.
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            instance: String::new(),
            collector: None,
            share: 1.0,
            level: LevelFilter::INFO,
            secrets: Secrets::default(),
            patience: Duration::from_secs(5),
        }
    }

    /// The same with what variables say; `get` is the environment, or what a test puts in its place.
    pub fn with_env(mut self, get: impl Fn(&str) -> Option<String>) -> Result<Self, BadSetting> {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        if let Some(address) = set(PICKET_OTLP) {
            self.collector = Some(address.parse()?);
        }
        if let Some(share) = set(PICKET_OTLP_SHARE) {
            self.share = share
                .parse()
                .ok()
                .filter(|share| (0.0..=1.0).contains(share))
                .ok_or(BadSetting::Share)?;
        }
        if let Some(level) = set(PICKET_LOG) {
            self.level = level.parse().map_err(|_| BadSetting::Level)?;
        }
        Ok(self)
    }
}

impl Collector {
    /// Where one kind of signal goes: `traces`, `metrics` or `logs`.
    pub(crate) fn takes(&self, signal: &str) -> String {
        format!("{}/v1/{signal}", self.0)
    }
}

impl FromStr for Collector {
    type Err = BadSetting;

    /// Only plain HTTP without a user: what needs more stands behind a collector of one's own.
    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let text = text.trim_end_matches('/');
        let host = text.strip_prefix("http://").ok_or(BadSetting::Collector)?;
        let usable = !host.is_empty()
            && host.chars().all(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '/')
            });
        if usable {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadSetting::Collector)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> Result<TelemetrySettings, BadSetting> {
        TelemetrySettings::new("picket")
            .with_env(move |asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn without_variables_nothing_leaves_the_process() {
        let settings = TelemetrySettings::new("picket").with_env(|_| None).unwrap();
        assert_eq!(
            (settings.collector, settings.level),
            (None, LevelFilter::INFO)
        );
        assert_eq!(
            with(PICKET_OTLP, "").unwrap().collector,
            None,
            "an empty variable is none"
        );
    }

    #[test]
    fn a_collector_is_an_address_without_anything_secret() {
        assert_eq!(
            with(PICKET_OTLP, "http://127.0.0.1:4318/")
                .unwrap()
                .collector
                .unwrap()
                .takes("traces"),
            "http://127.0.0.1:4318/v1/traces"
        );
        for address in [
            "127.0.0.1:4318",
            "https://c:4318",
            "http://",
            "http://u:hunter2@c:4318",
            "http://c:4318?key=hunter2",
            "http://c x",
        ] {
            let why = with(PICKET_OTLP, address).unwrap_err();
            assert!(!why.to_string().contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn levels_and_shares_are_read_or_refused() {
        assert_eq!(with(PICKET_LOG, "debug").unwrap().level, LevelFilter::DEBUG);
        assert_eq!(with(PICKET_LOG, "off").unwrap().level, LevelFilter::OFF);
        assert_eq!(with(PICKET_LOG, "loud").unwrap_err(), BadSetting::Level);
        assert!((with(PICKET_OTLP_SHARE, "0.25").unwrap().share - 0.25).abs() < f64::EPSILON);
        for share in ["2", "-1", "NaN", "some"] {
            assert_eq!(
                with(PICKET_OTLP_SHARE, share).unwrap_err(),
                BadSetting::Share
            );
        }
    }
}
