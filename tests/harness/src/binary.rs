//! The binary of Picket that tests run: the one that was named, else the newest of this build.
//!
//! It does not know what is asked of it.

use std::path::{Path, PathBuf};

/// Names the binary to run.
const NAMED: &str = "PICKET_BIN";
/// Where builds put it, below the folder of this build.
const BUILDS: [&str; 2] = ["release/picket", "debug/picket"];

/// Where the binary is: what `PICKET_BIN` names, else the newest of the release and the debug build beside this test.
///
/// A test without the binary fails: one that was left out proves nothing.
pub fn picket() -> PathBuf {
    // A test is `<target>/<profile>/deps/<name>-<hash>`.
    let exe = std::env::current_exe().expect("a test knows where it is");
    let target = exe
        .ancestors()
        .nth(3)
        .expect("a test lies in the folder of its build");
    chosen(std::env::var_os(NAMED).map(PathBuf::from), target)
}

fn chosen(named: Option<PathBuf>, target: &Path) -> PathBuf {
    if let Some(path) = named {
        assert!(
            path.is_file(),
            "{NAMED} is `{}`, and nothing is there; build it: cargo build -p picket",
            path.display()
        );
        return path;
    }
    let built = BUILDS
        .iter()
        .map(|place| target.join(place))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)));
    // The newest: an old one tells an old story.
    built
        .max()
        .map(|(_, path)| path)
        .expect("this test runs the binary; build it: cargo build -p picket")
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::{Duration, SystemTime};

    use super::*;

    /// A folder of builds, each so many seconds old.
    fn built(ages: &[(&str, u64)]) -> tempfile::TempDir {
        let target = tempfile::tempdir().expect("a folder");
        for (place, age) in ages {
            let path = target.path().join(place);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
            let file = File::create(&path).expect("a file");
            file.set_modified(SystemTime::now() - Duration::from_secs(*age))
                .expect("a file has a time");
        }
        target
    }

    #[test]
    fn the_newest_build_is_run_whichever_it_is() {
        let target = built(&[("release/picket", 60), ("debug/picket", 5)]);
        assert_eq!(
            chosen(None, target.path()),
            target.path().join("debug/picket")
        );
        let target = built(&[("release/picket", 5), ("debug/picket", 60)]);
        assert_eq!(
            chosen(None, target.path()),
            target.path().join("release/picket")
        );
    }

    #[test]
    fn what_is_named_goes_before_what_was_built() {
        let target = built(&[("release/picket", 5), ("elsewhere", 60)]);
        let named = target.path().join("elsewhere");
        assert_eq!(chosen(Some(named.clone()), target.path()), named);
    }

    #[test]
    #[should_panic(expected = "nothing is there; build it")]
    fn a_name_with_nothing_behind_it_fails_the_test_although_there_is_a_build() {
        let target = built(&[("release/picket", 5)]);
        chosen(Some(target.path().join("elsewhere")), target.path());
    }

    #[test]
    #[should_panic(expected = "build it")]
    fn without_a_build_the_test_fails_and_says_what_builds_it() {
        let target = built(&[]);
        chosen(None, target.path());
    }
}
