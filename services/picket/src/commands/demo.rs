//! `picket demo`: tells the story, in a folder of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use picket_conversation::Language;
use picket_demo::DemoSettings;
use picket_node::folder::Folder;
use picket_node::problem::Failure;

use crate::cli::{DemoArgs, Lang};
use crate::settings::CliSettings;

/// Runs it.
pub async fn run(settings: &CliSettings, args: DemoArgs) -> Result<ExitCode, Failure> {
    picket_demo::run(DemoSettings {
        folder: folder(settings)?,
        zone: settings.zone.clone(),
        pace: args.pace,
        step: args.step,
        language: match args.lang {
            Lang::Zh => Language::Zh,
            Lang::En => Language::En,
        },
    })
    .await
}

/// The folder named, which must be new or empty, else a fresh one among the system's temporary files.
fn folder(settings: &CliSettings) -> Result<Folder, Failure> {
    if !settings.folder_named {
        let name = picket_node::ids::new_id("picket-demo");
        return Ok(Folder::at(std::env::temp_dir().join(name.as_str())));
    }
    let path: PathBuf = settings.folder.path().to_owned();
    if std::fs::read_dir(&path).is_ok_and(|mut inside| inside.next().is_some()) {
        let hint =
            "Name a new folder with `--data DIR`, or leave it out: the demo then makes one itself.";
        return Err(Failure::usage(
            format!("`{}` is not empty", path.display()),
            hint,
        ));
    }
    Ok(Folder::at(path))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use picket_node::problem::Exit;

    use super::*;

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let place = tempfile::tempdir().expect("a folder");
        std::fs::write(place.path().join("notes.txt"), "mine").expect("a file");
        let settings = CliSettings {
            folder: Folder::at(place.path()),
            folder_named: true,
            json: false,
            within: None,
            zone: TimeZone::UTC,
            test: false,
        };
        assert_eq!(
            super::folder(&settings).err().map(|failure| failure.exit),
            Some(Exit::Usage)
        );
    }
}
