//! Names of what lies in a data folder, and the bytes of its list of jurisdictions: other versions open the same folder.

use super::*;

#[test]
fn everything_lies_in_a_folder_where_it_always_lay() {
    let folder = Folder::at("data");
    let all = [
        folder.journal(),
        folder.insight(),
        folder.highwater(),
        folder.snapshots(),
        folder.socket(),
        folder.settings(),
        folder.territory_file(),
        folder.blobs(),
    ];
    let names = [
        "data/journal.db",
        "data/insight.db",
        "data/highwater.json",
        "data/snapshots",
        "data/picket.sock",
        "data/picket.toml",
        "data/territory.toml",
        "data/blobs",
    ];
    assert_eq!(all, names.map(PathBuf::from));
}

#[test]
fn owning_a_folder_leaves_the_lock_it_always_left_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let _owned = Folder::at(place.path()).own().unwrap();
    let names: Vec<_> = fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["lock"]);
    assert_eq!(fs::read(place.path().join("lock")).unwrap(), b"");
}

#[test]
fn jurisdictions_are_written_and_read_as_they_always_were() {
    let place = tempfile::tempdir().unwrap();
    let owned = Folder::at(place.path()).own().unwrap();
    let territory = Territory {
        jurisdictions: [
            ("4209".into(), None),
            ("420902".into(), Some("4209".into())),
        ]
        .into(),
    };
    owned.set_territory(&territory).unwrap();
    let literal = "[jurisdictions.4209]\n\n[jurisdictions.420902]\nparent = \"4209\"\n";
    assert_eq!(
        fs::read_to_string(place.path().join("territory.toml")).unwrap(),
        literal
    );
    fs::write(place.path().join("territory.toml"), literal).unwrap();
    assert_eq!(owned.folder.territory().unwrap(), territory);
}
