//! People as a table.

use picket_schemas::ask::PersonView;

use super::layout::rows;

pub(super) fn people(people: &[PersonView]) -> String {
    rows(
        &["person", "name", "roles", "department", "area", "open"],
        people.iter().map(|person| {
            vec![
                person.id.clone(),
                person.name.clone(),
                person.roles.join(" "),
                person
                    .department
                    .as_ref()
                    .map_or_else(String::new, |one| one.name.clone()),
                person.area.name.clone(),
                person.open_tasks.to_string(),
            ]
        }),
    )
}
