//! Bytes of the file of marks: processes of other versions read and write the same one.

use super::*;

const MARKS: &str = r#"{"courier/420902":[7,"c0ffee"],"dispatch/420902":[1834,"ab12"]}"#;

fn head(number: u64, hash: &str) -> Head {
    Head {
        number,
        hash: hash.to_owned(),
        position: "not kept".to_owned(),
    }
}

#[test]
fn marks_are_written_and_read_as_they_always_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("highwater.json");
    let marks = HighWater::open(&path).unwrap();
    marks.saw("dispatch/420902", &head(1834, "ab12"));
    marks.saw("courier/420902", &head(7, "c0ffee"));
    marks.close();
    assert_eq!(fs::read_to_string(&path).unwrap(), MARKS);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing lies beside it"
    );

    fs::write(&path, MARKS).unwrap();
    let read = HighWater::open(&path).unwrap();
    assert_eq!(read.books(), ["courier/420902", "dispatch/420902"]);
    assert_eq!(read.mark("courier/420902"), Some((7, "c0ffee".to_owned())));
    assert_eq!(
        read.mark("dispatch/420902"),
        Some((1834, "ab12".to_owned()))
    );
}
