//! The names of people, places and departments, with their codes where there is room.

use picket_schemas::ask::Named;

pub(super) fn named(named: &Named) -> String {
    if named.name.is_empty() {
        named.code.clone()
    } else {
        format!("{} {}", named.code, named.name)
    }
}

pub(super) fn maybe(named_: Option<&Named>) -> String {
    named_.map_or_else(|| "–".into(), named)
}

pub(super) fn all(list: &[Named]) -> String {
    list.iter()
        .map(|one| one.name.clone())
        .collect::<Vec<_>>()
        .join(", ")
}
