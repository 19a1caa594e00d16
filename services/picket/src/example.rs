//! The example: a small complete county, compiled in. `picket example` writes it, `picket import --help` quotes it.

macro_rules! files {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("../example/", $name)))),*] };
}

/// The files, as they stand in the repository.
pub const FILES: &[(&str, &str)] = files![
    "README.md",
    "areas.csv",
    "departments.csv",
    "people.csv",
    "posts.csv",
    "institutions.csv",
    "owners.csv",
    "routes.csv",
    "schedules.csv",
    "calendar.csv",
];
