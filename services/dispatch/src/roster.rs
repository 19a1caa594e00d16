//! The roster of a batch: which sheets a selection makes, and in which order.
//!
//! Worked out when a batch is confirmed and again before each part of it is issued; the hash tells whether
//! the registry moved in between. It knows no book and no state: the same directory, the same roster.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use picket_book::Decision;
use picket_directory::Directory;
use picket_schemas::dispatch::{Accept, Assign, AssignTo, Select};
use picket_schemas::registry::{Institution, Post, Training};
use picket_schemas::{AreaCode, InstitutionCode, PersonId, PostCode, Subject, SubjectKind, commit};
use serde::{Deserialize, Serialize};

use crate::candidates;

/// One post's part of the roster, or that of an area no post holds.
pub(crate) struct Sheet<'a> {
    pub(crate) post: Option<&'a Post>,
    pub(crate) area: &'a AreaCode,
    institutions: Vec<&'a Institution>,
}

impl Sheet<'_> {
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

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.institutions.len()
    }
}

/// A task to come: a sheet, and whose it is where everybody gets one of their own.
pub(crate) struct Planned<'a> {
    pub(crate) sheet: &'a Sheet<'a>,
    pub(crate) person: Option<PersonId>,
}

impl Planned<'_> {
    fn key(&self) -> (Option<&str>, &str, Option<&str>) {
        (
            self.sheet.post.map(|post| post.code.as_str()),
            self.sheet.area.as_str(),
            self.person.as_ref().map(PersonId::as_str),
        )
    }

    /// Whether it comes after the one issued last.
    pub(crate) fn is_after(&self, last: &Key) -> bool {
        self.key().cmp(&last.parts()) == Ordering::Greater
    }
}

/// How far a batch is issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) post: Option<PostCode>,
    pub(crate) area: AreaCode,
    pub(crate) person: Option<PersonId>,
}

impl Key {
    fn parts(&self) -> (Option<&str>, &str, Option<&str>) {
        (
            self.post.as_ref().map(PostCode::as_str),
            self.area.as_str(),
            self.person.as_ref().map(PersonId::as_str),
        )
    }
}

/// The sheets of a selection, by post and area.
pub(crate) fn sheets<'a>(select: &Select, directory: &'a Directory) -> Vec<Sheet<'a>> {
    let named: BTreeSet<&InstitutionCode> = select.institutions.iter().collect();
    let mut territory = Territory::of(select, directory);
    let mut sheets: BTreeMap<(Option<&PostCode>, &AreaCode), Sheet<'a>> = BTreeMap::new();
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
            .or_insert_with(|| Sheet {
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
                    .or_insert_with(|| Sheet {
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

/// What each area belongs to, looked up once an area instead of once an institution.
struct Territory<'a, 's> {
    directory: &'a Directory,
    within: Option<&'s AreaCode>,
    /// The first post by code of each area.
    posts: BTreeMap<&'a AreaCode, &'a Post>,
    known: BTreeMap<&'a AreaCode, (Option<&'a Post>, bool)>,
}

impl<'a, 's> Territory<'a, 's> {
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

/// Whether everybody gets a sheet of their own. The least loaded is one person in any case.
pub(crate) fn is_personal(assign: &Assign) -> bool {
    assign.accept == Accept::Each && assign.to != AssignTo::LeastLoaded
}

/// The tasks of the sheets, in the order in which they are issued.
pub(crate) fn planned<'a>(
    sheets: &'a [Sheet<'a>],
    assign: &Assign,
    cx: &Decision<'_>,
) -> Vec<Planned<'a>> {
    if !is_personal(assign) {
        return sheets
            .iter()
            .map(|sheet| Planned {
                sheet,
                person: None,
            })
            .collect();
    }
    let mut planned = Vec::new();
    for sheet in sheets {
        let people = candidates::pool(sheet, assign, cx);
        if people.is_empty() {
            planned.push(Planned {
                sheet,
                person: None,
            });
        }
        planned.extend(people.into_iter().map(|person| Planned {
            sheet,
            person: Some(person),
        }));
    }
    planned
}

/// The hash of the posts, people and rows as they stand.
pub(crate) fn digest(planned: &[Planned<'_>]) -> String {
    let mut text = String::new();
    for task in planned {
        let (post, area, person) = task.key();
        text.extend([
            post.unwrap_or_default(),
            "\t",
            area,
            "\t",
            person.unwrap_or_default(),
            "\t",
        ]);
        for institution in &task.sheet.institutions {
            text.extend([institution.code.as_str(), ","]);
        }
        text.push('\n');
    }
    commit::hash(text.as_bytes())
}
