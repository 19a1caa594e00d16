//! Matters: the small facts a card shows of something courier remembers.
//!
//! Only codes and the names of areas, posts, places and departments: a card may be seen by anybody its
//! recipient shows it to.
//! It never looks at who found, filled or recorded anything.

use picket_schemas::courier::Matter;
use picket_schemas::{AreaCode, DepartmentCode, InstitutionCode};

use crate::pending::{NoticeFields, PendingNotices};

impl PendingNotices<'_> {
    /// Area, post and place of a matter, by name where there is one.
    pub(crate) fn shown(&self, matter: Option<&Matter>) -> NoticeFields {
        let mut with = NoticeFields::new();
        let Some(matter) = matter else { return with };
        if let Some(area) = &matter.area {
            with.insert("area".into(), self.area_name(area));
        }
        if let Some(post) = &matter.post {
            with.insert(
                "post".into(),
                self.cx
                    .directory
                    .post(post)
                    .map_or_else(|| post.to_string(), |known| known.name.clone()),
            );
        }
        if let Some(place) = &matter.place {
            with.insert(
                "place".into(),
                self.cx
                    .directory
                    .institution(&InstitutionCode::from(place.as_str()))
                    .map_or_else(|| place.to_string(), |known| known.name.clone()),
            );
        }
        with
    }

    /// The same of something by id.
    pub(crate) fn shown_of(&self, about: &str) -> NoticeFields {
        self.shown(self.matter(about))
    }

    pub(crate) fn department_name(&self, code: &DepartmentCode) -> String {
        self.cx
            .directory
            .department(code)
            .map_or_else(|| code.to_string(), |known| known.name.clone())
    }

    fn area_name(&self, code: &AreaCode) -> String {
        self.cx
            .directory
            .area(code)
            .map_or_else(|| code.to_string(), |known| known.name.clone())
    }
}

/// The same small facts with one more.
pub(crate) fn plus(mut with: NoticeFields, key: &str, value: impl Into<String>) -> NoticeFields {
    with.insert(key.to_owned(), value.into());
    with
}
