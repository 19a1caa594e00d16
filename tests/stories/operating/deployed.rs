//! What stands in deploy/ is what the binary takes: flags, variables, services, keys, units.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::harness::{picket, run};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

/// Every file below a folder, with its text.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    all
}

fn text(name: &str) -> String {
    fs::read_to_string(deploy().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// The services `serve` knows, in its own words.
fn services() -> BTreeSet<String> {
    let said = run(["serve", "no-such-service", "--data", "unused"]);
    let hint = said
        .err
        .lines()
        .find_map(|line| line.trim().strip_prefix("hint: Services are "))
        .unwrap_or_else(|| panic!("{said:?}"))
        .to_owned();
    hint.trim_end_matches('.')
        .split(", ")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_service_has_a_key_rights_a_container_and_a_word_in_the_readme() {
    let (rights, compose, readme) = (
        text("nats/rights.conf"),
        text("compose.yaml"),
        fs::read_to_string(deploy().join("../README.md")).unwrap(),
    );
    let place = tempfile::tempdir().unwrap();
    run(["keys", place.path().to_str().unwrap()]).fine();
    for service in services() {
        let upper = service.to_uppercase();
        assert!(
            rights.contains(&format!("$PICKET_NKEY_{upper}}}"))
                || rights.contains(&format!("$PICKET_NKEY_{upper}\n")),
            "{service} has no rights"
        );
        assert!(
            rights.contains(&format!("_INBOX_{upper}.>")),
            "{service} hears no answers"
        );
        assert!(
            place.path().join(format!("{service}.nk")).is_file(),
            "{service} gets no key"
        );
        assert!(
            compose.contains(&format!("\n  {service}:\n")),
            "compose.yaml runs no {service}"
        );
        assert!(
            readme
                .lines()
                .any(|line| line.contains(&format!("`{service}`"))
                    || line
                        .trim_start_matches('|')
                        .split('|')
                        .next()
                        .is_some_and(|cell| cell.trim() == service)),
            "README.md does not say what {service} is"
        );
    }
    let made = fs::read_to_string(place.path().join("nkeys.env")).unwrap();
    let known: BTreeSet<_> = made
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.to_owned())
        .collect();
    let named: BTreeSet<_> = rights
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')))
        .filter(|word| word.starts_with("PICKET_NKEY_"))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, known, "`picket keys` makes what rights.conf names");
}

#[test]
fn every_flag_and_variable_that_is_named_is_there() {
    let verbs = [
        "serve", "doctor", "keys", "map", "import", "verify", "clock", "do", "ask",
    ];
    let mut flags = BTreeSet::new();
    let mut variables: BTreeSet<String> = [
        "PICKET_DATA",
        "PICKET_ZONE",
        "PICKET_IN",
        "PICKET_OTLP",
        "PICKET_OTLP_SHARE",
        "PICKET_LOG",
        "PICKET_TELEGRAM_TOKEN",
        "PICKET_TELEGRAM_API",
        "PICKET_SERVERS",
        "PICKET_NATS_DATA",
    ]
    .map(str::to_owned)
    .into();
    for verb in verbs {
        let help = run([verb, "--help"]).fine();
        let words = help.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
        for word in words {
            if word.starts_with("--") {
                flags.insert(word.to_owned());
            } else if word.starts_with("PICKET_") {
                variables.insert(word.to_owned());
            }
        }
    }
    for (path, text) in files(&deploy()) {
        for line in text.lines() {
            // What comes after a command of ours is ours.
            let ours = verbs
                .iter()
                .filter_map(|verb| line.find(&format!("picket {verb} ")))
                .min();
            if let Some(at) = ours {
                for flag in line[at..]
                    .split(|c: char| {
                        c.is_whitespace()
                            || matches!(c, '"' | '`' | ',' | '[' | ']' | '(' | ')' | '=')
                    })
                    .filter(|word| word.starts_with("--"))
                {
                    assert!(
                        flags.contains(flag.trim_end_matches(['.', ';', ':'])),
                        "{}: `{flag}` is no flag: {line}",
                        path.display()
                    );
                }
            }
            for variable in line
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .filter(|word| word.starts_with("PICKET_") && word.len() > 7)
            {
                // The streams, and keys: those are looked at above.
                let other = variable.starts_with("PICKET_NKEY_")
                    || ["PICKET_JOURNAL", "PICKET_EVENTS", "PICKET_PUBLISHER"].contains(&variable);
                assert!(
                    other || variables.contains(variable),
                    "{}: `{variable}` is no variable: {line}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_bot_may_say_what_became_of_a_notice_for_as_long_as_anybody_waits_for_it() {
    let rights = text("nats/rights.conf");
    let (_, of_bot) = rights
        .split_once("$PICKET_NKEY_TELEGRAM")
        .expect("the bot has rights");
    let (of_bot, _) = of_bot.split_once("nkey:").expect("others follow");
    let minutes = of_bot
        .split_once("expires: \"")
        .and_then(|(_, rest)| rest.split_once("m\""))
        .map(|(minutes, _)| minutes);
    // Held up by the platform it answers late, and a quarter of an hour is what whoever asked waits at the most.
    let minutes: u64 = minutes
        .and_then(|minutes| minutes.parse().ok())
        .unwrap_or_else(|| panic!("not minutes: {of_bot}"));
    assert!(
        minutes > 15,
        "after {minutes} minutes its answer would be thrown away, and what it sent would count as unknown"
    );
}

#[test]
fn the_yaml_is_indented_by_spaces_in_steps_of_two() {
    for name in ["compose.yaml", "collector.yaml", "alerts.yaml"] {
        let text = text(name);
        assert!(text.lines().count() > 10, "{name}");
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            assert!(
                !line.contains('\t') && indent.is_multiple_of(2) && line == line.trim_end(),
                "{name}:{}: {line}",
                number + 1
            );
        }
    }
}

#[test]
fn every_number_an_alert_rests_on_is_one_the_binary_tells() {
    let names =
        fs::read_to_string(deploy().join("../services/adapters/telemetry/src/names.rs")).unwrap();
    let known: BTreeSet<&str> = names
        .split('"')
        .filter(|word| word.starts_with("picket_"))
        .collect();
    let alerts = text("alerts.yaml");
    let used: BTreeSet<&str> = alerts
        .lines()
        .filter(|line| line.trim_start().starts_with("expr:"))
        .flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')))
        .filter(|word| word.starts_with("picket_"))
        .collect();
    assert!(used.len() >= 5, "{used:?}");
    for name in used {
        let base = ["_total", "_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        assert!(
            known.contains(base.trim_end_matches("_seconds")),
            "`{name}` is told by nobody"
        );
    }
}

#[test]
fn systemd_takes_the_units_as_they_are() {
    let units: Vec<_> = files(&deploy().join("systemd"))
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|kind| kind == "service"))
        .collect();
    assert_eq!(units.len(), 3, "nats, redis and picket@");
    let place = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (path, text) in &units {
        for needed in [
            "NoNewPrivileges=",
            "ProtectSystem=",
            "PrivateTmp=",
            "Restart=",
            "RestrictAddressFamilies=",
        ] {
            assert!(text.contains(needed), "{}: {needed}", path.display());
        }
        // The programs lie elsewhere on this machine.
        let here = text.lines().map(|line| {
            match line
                .strip_prefix("ExecStart=")
                .and_then(|command| command.split_once(' '))
            {
                Some((_, arguments)) => format!("ExecStart={} {arguments}", picket().display()),
                None => line.to_owned(),
            }
        });
        let name = path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .replace('@', "@dispatch");
        let written = place.path().join(name);
        fs::write(&written, here.collect::<Vec<_>>().join("\n")).unwrap();
        paths.push(written);
    }
    match Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args(&paths)
        .output()
    {
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            let ours: Vec<_> = said
                .lines()
                .filter(|line| {
                    paths
                        .iter()
                        .any(|path| line.contains(path.file_name().unwrap().to_str().unwrap()))
                })
                .collect();
            assert!(ours.is_empty(), "{ours:#?}");
        }
        // A machine without systemd has no use for units.
        Err(why) => assert_eq!(why.kind(), std::io::ErrorKind::NotFound, "{why}"),
    }
}
