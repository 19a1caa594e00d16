//! Settings: defaults, then `picket.toml` in the data folder, then `PICKET_*`, then flags. Unknown keys are errors.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use picket_node::folder::Folder;
use picket_node::problem::{Exit, Failure};
use serde::Deserialize;

use crate::cli::Cli;

/// Where the data lies when nobody says.
const DATA: &str = "picket-data";

/// The settings of one command.
#[derive(Clone, Debug)]
pub struct CliSettings {
    /// The data folder.
    pub folder: Folder,
    /// It was named on the command line.
    pub folder_named: bool,
    /// Output that is data is JSON.
    pub json: bool,
    /// The jurisdiction meant, if named.
    pub within: Option<String>,
    /// The zone people see.
    pub zone: TimeZone,
    /// This is a test: only there may somebody else say what time it is.
    pub test: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    zone: Option<String>,
    #[serde(rename = "in")]
    within: Option<String>,
    test: Option<bool>,
}

impl CliSettings {
    /// Gathers what holds.
    pub fn gather(cli: &Cli) -> Result<Self, Failure> {
        let named = cli
            .data
            .clone()
            .or_else(|| std::env::var_os("PICKET_DATA").map(PathBuf::from));
        let folder = Folder::at(named.unwrap_or_else(|| PathBuf::from(DATA)));
        let path = folder.settings();
        let file: File = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|why| {
                Failure::usage(
                    format!("`{}`: {}", path.display(), why.message()),
                    "Known keys are `zone`, `in` and `test`.",
                )
            })?,
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                File::default()
            }
            Err(error) => {
                return Err(Failure::new(
                    Exit::Storage,
                    format!("`{}` cannot be read: {error}", path.display()),
                    "Check its permissions.",
                ));
            }
        };
        let zone = std::env::var("PICKET_ZONE")
            .ok()
            .or(file.zone)
            .unwrap_or_else(|| "Asia/Shanghai".into());
        let zone = TimeZone::get(&zone).map_err(|_| {
            Failure::usage(
                format!("there is no time zone `{zone}`"),
                "Write an IANA name such as Asia/Shanghai.",
            )
        })?;
        let within = cli
            .within
            .clone()
            .or_else(|| std::env::var("PICKET_IN").ok())
            .or(file.within);
        let test = match std::env::var("PICKET_TEST").ok().as_deref() {
            None | Some("") => file.test.unwrap_or_default(),
            Some("yes") => true,
            Some("no") => false,
            Some(other) => {
                return Err(Failure::usage(
                    format!("PICKET_TEST is `{other}`"),
                    "Say yes or no, or leave it out.",
                ));
            }
        };
        Ok(Self {
            folder,
            folder_named: cli.data.is_some(),
            json: cli.json,
            within,
            zone,
            test,
        })
    }
}
