//! The selection of a batch: the sheets it makes of the institutions on record, by post and area.
//!
//! It reads the directory alone: the same directory, the same sheets. It does not know to whom a sheet goes.

use std::collections::{BTreeMap, BTreeSet};

use picket_directory::Directory;
use picket_schemas::dispatch::Select;
use picket_schemas::registry::{Institution, Post, Training};
use picket_schemas::{AreaCode, InstitutionCode, PostCode, Subject, SubjectKind};

/// One post's part of the roster, or that of an area no post holds.
pub(crate) struct SelectedSheet<'a> {
    pub(crate) post: Option<&'a Post>,
    pub(crate) area: &'a AreaCode,
    pub(crate) institutions: Vec<&'a Institution>,
}

impl SelectedSheet<'_> {
    /// Its rows, by code.
    pub(crate) fn rows(&self) -> Vec<Subject> {
        self.institutions
            .iter()
            .map(|institution| Subject {
                kind: institution.kind,
                id: institution.code.to_string(),
            })
            .collect()
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.institutions.len()
    }
}

/// The sheets of a selection, by post and area.
pub(crate) fn sheets<'a>(select: &Select, directory: &'a Directory) -> Vec<SelectedSheet<'a>> {
    let named: BTreeSet<&InstitutionCode> = select.institutions.iter().collect();
    let mut territory = AreaIndex::of(select, directory);
    let mut sheets: BTreeMap<(Option<&PostCode>, &AreaCode), SelectedSheet<'a>> = BTreeMap::new();
    for institution in directory.institutions() {
        let wanted = if named.is_empty() {
            institution.kind != SubjectKind::UnlistedPlace
        } else {
            named.contains(&institution.code)
        };
        if !wanted || !matches(select, institution) {
            continue;
        }
        let (post, inside) = territory.look(&institution.area);
        if !inside
            || select
                .post
                .as_ref()
                .is_some_and(|code| post.is_none_or(|post| post.code != *code))
        {
            continue;
        }
        let area = post.map_or(&institution.area, |post| &post.area);
        sheets
            .entry((post.map(|post| &post.code), area))
            .or_insert_with(|| SelectedSheet {
                post,
                area,
                institutions: Vec::new(),
            })
            .institutions
            .push(institution);
    }
    if select.empty_posts {
        for post in directory.posts() {
            if select.post.as_ref().is_none_or(|code| *code == post.code)
                && territory.look(&post.area).1
            {
                sheets
                    .entry((Some(&post.code), &post.area))
                    .or_insert_with(|| SelectedSheet {
                        post: Some(post),
                        area: &post.area,
                        institutions: Vec::new(),
                    });
            }
        }
    }
    sheets.into_values().collect()
}

fn matches(select: &Select, institution: &Institution) -> bool {
    let same = |wanted: &Option<String>, is: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
    };
    same(&select.kind, institution.training.map(training_name))
        && same(&select.risk, institution.risk.as_deref())
        && same(&select.list, institution.list.as_deref())
}

/// The word a selection uses for what an institution trains.
pub(crate) fn training_name(training: Training) -> &'static str {
    match training {
        Training::Subject => "subject",
        Training::Arts => "arts",
        Training::Sports => "sports",
        Training::Science => "science",
        Training::Custody => "custody",
        Training::Other => "other",
    }
}

/// The post of each area and whether it is selected, looked up once an area instead of once an institution.
struct AreaIndex<'a, 's> {
    directory: &'a Directory,
    within: Option<&'s AreaCode>,
    /// The first post by code of each area.
    posts: BTreeMap<&'a AreaCode, &'a Post>,
    known: BTreeMap<&'a AreaCode, (Option<&'a Post>, bool)>,
}

impl<'a, 's> AreaIndex<'a, 's> {
    fn of(select: &'s Select, directory: &'a Directory) -> Self {
        let mut posts = BTreeMap::new();
        for post in directory.posts() {
            posts.entry(&post.area).or_insert(post);
        }
        Self {
            directory,
            within: select.area.as_ref(),
            posts,
            known: BTreeMap::new(),
        }
    }

    /// The post whose territory holds the area, the smallest first, and whether the area is selected.
    fn look(&mut self, area: &'a AreaCode) -> (Option<&'a Post>, bool) {
        let Self {
            directory,
            within,
            posts,
            known,
        } = self;
        *known.entry(area).or_insert_with(|| {
            let post = directory
                .area_path(area)
                .iter()
                .find_map(|code| posts.get(code).copied());
            (
                post,
                within.is_none_or(|outer| directory.within(area, outer)),
            )
        })
    }
}
