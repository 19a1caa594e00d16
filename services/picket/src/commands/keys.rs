//! `picket keys`: the keys by which NATS knows each service, made once and kept where only their owner reads them.
//!
//! For each service a seed (`NAME.nk`) and the subject its answers come in on (`NAME.env`), and for nats-server the
//! public halves (`nkeys.env`), as `deploy/nats/rights.conf` names them. No seed is printed.

use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::ExitCode;

use picket_node::problem::{Exit, Failure};

use crate::cli::KeysArgs;
use crate::settings::CliSettings;

/// The holders of keys besides the services: whoever runs Picket, and nats-server's own account.
const PEOPLE: [&str; 2] = ["operator", "system"];

/// Runs it.
pub fn run(settings: &CliSettings, args: KeysArgs) -> Result<ExitCode, Failure> {
    let folder = &args.folder;
    let failed = |error: std::io::Error| {
        Failure::new(
            Exit::Storage,
            format!("`{}` cannot be written: {error}", folder.display()),
            "Name a folder you may write to.",
        )
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed)?;
    let (mut publics, mut made) = (String::new(), Vec::new());
    for name in names() {
        let path = folder.join(format!("{name}.nk"));
        let public = match std::fs::read_to_string(&path) {
            Ok(text) => picket_nats::public_of(&text).ok_or_else(|| {
                Failure::usage(
                    format!("`{}` holds no seed of a user", path.display()),
                    "Move it away; a new one is made then.",
                )
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = picket_nats::new_key();
                write(&path, 0o600, &format!("{}\n", key.seed)).map_err(failed)?;
                made.push(name.clone());
                key.public
            }
            Err(error) => return Err(failed(error)),
        };
        publics.push_str(&format!("PICKET_NKEY_{}={public}\n", name.to_uppercase()));
        if !PEOPLE.contains(&name.as_str()) {
            write(
                &folder.join(format!("{name}.env")),
                0o644,
                &format!("PICKET_NATS_INBOX={}\n", inbox(&name)),
            )
            .map_err(failed)?;
        }
    }
    write(&folder.join("nkeys.env"), 0o644, &publics).map_err(failed)?;
    let shown = folder.display();
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ok": true, "folder": folder, "keys": names(), "made": made })
        );
    } else {
        println!(
            "{} keys are in `{shown}`, {} of them new",
            names().len(),
            made.len()
        );
        println!("  nats-server needs what {shown}/nkeys.env says in its environment");
        println!(
            "  a service gets --nats-key {shown}/NAME.nk and what NAME.env says; operator.nk stays with you"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Everybody with a key of their own.
pub(crate) fn names() -> Vec<String> {
    picket_node::clustered::plan::all_services()
        .into_iter()
        .chain(PEOPLE.map(str::to_owned))
        .collect()
}

/// Where a service's answers come in.
fn inbox(name: &str) -> String {
    format!("_INBOX_{}", name.to_uppercase())
}

/// Whole or not at all: a seed half written is a service that cannot start.
fn write(path: &Path, mode: u32, text: &str) -> std::io::Result<()> {
    picket_files::replace_with(path, mode, |file| file.write_all(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn keys_are_made_once_and_only_their_owner_reads_them() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path().join("keys");
        let settings = CliSettings::gather(&<crate::cli::Cli as clap::Parser>::parse_from([
            "picket", "keys", "x",
        ]))
        .expect("settings");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
        run(
            &settings,
            KeysArgs {
                folder: folder.clone(),
            },
        )
        .expect("made");
        let (seed, publics) = (read("dispatch.nk"), read("nkeys.env"));
        assert!(seed.starts_with("SU"));
        assert_eq!(
            std::fs::metadata(folder.join("dispatch.nk"))
                .expect("there")
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
        assert_eq!(read("dispatch.env"), "PICKET_NATS_INBOX=_INBOX_DISPATCH\n");
        assert!(
            publics.lines().all(|line| line.contains("=U")) && !publics.contains(seed.trim()),
            "the public halves only"
        );
        std::fs::remove_file(folder.join("courier.nk")).expect("there");
        run(
            &settings,
            KeysArgs {
                folder: folder.clone(),
            },
        )
        .expect("made again");
        assert_eq!(read("dispatch.nk"), seed, "what is there stays");
        let other = |text: &str| {
            text.lines()
                .filter(|line| !line.contains("COURIER"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(other(&read("nkeys.env")), other(&publics));
        assert_ne!(read("nkeys.env"), publics, "and what was missing is new");
    }
}
