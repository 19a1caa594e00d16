//! Timeline: everything that happened to one thing, gathered from the books of its jurisdiction.
//!
//! Links are followed when somebody asks: a case to its lead, the lead to its report, row or place,
//! orders and leads to their clocks. Whoever found something is not named outside the sheet it was
//! found on: the finder's post is. Each line is read by the rights of whoever looks.

use std::collections::{BTreeMap, BTreeSet};

use picket_schemas::ask::TimelineItem;
use picket_schemas::{Event, Mentioned, dispatch, rectification};

use super::Reader;
use super::facts::shown;
use super::sentence::{HiddenNames, SentenceWriter};
use crate::fold::subject_key;
use crate::sql::instant;
use crate::tables::InsightResult;

/// An event as it is stored.
struct StoredEvent {
    book: String,
    n: u64,
    ord: i64,
    at: i64,
    by: String,
    event: Event,
}

/// The sources of a timeline: ids, and single rows of sheets.
#[derive(Default)]
struct Sources {
    ids: BTreeSet<String>,
    rows: BTreeSet<(String, String)>,
    /// True if the sheet itself is looked at, where fillers are named.
    sheet: bool,
    /// True if it is the history of many things, each with rights of its own.
    many: bool,
}

impl Reader<'_> {
    /// Everything that happened to a task, lead, case, order, batch or anything else with an id.
    pub(super) fn timeline(&self, j: &str, id: &str) -> InsightResult<Vec<TimelineItem>> {
        let mut from = Sources::default();
        if !self.rights.may_thing(j, id)? {
            return Ok(Vec::new());
        }
        from.ids.insert(id.to_owned());
        if self.tables.has("batches", j, id)? {
            (from.sheet, from.many) = (true, true);
            from.ids.extend(self.column(
                "SELECT id FROM tasks WHERE j = ?1 AND batch = ?2",
                j,
                id,
            )?);
        } else if self.tables.has("tasks", j, id)? {
            from.sheet = true;
            self.clocks_on(j, id, &mut from)?;
            let leads = self.column("SELECT l.id FROM reports r JOIN leads l ON l.j = r.j AND l.report = r.id WHERE r.j = ?1 AND r.task = ?2", j, id)?;
            let items = self.gather(j, &from)?;
            // Of the leads a sheet opened, only that they were.
            let mut opened = Sources {
                sheet: true,
                ..Sources::default()
            };
            opened.ids.extend(leads);
            let opened = self.gather(j, &opened)?.into_iter().filter(|kept| {
                matches!(
                    kept.event,
                    Event::Rectification(rectification::Event::LeadOpened { .. })
                )
            });
            return self.told(j, items.into_iter().chain(opened).collect(), true);
        } else if self.tables.has("cases", j, id)? {
            for lead in self.column("SELECT lead FROM cases WHERE j = ?1 AND id = ?2", j, id)? {
                self.around_lead(j, &lead, &mut from)?;
            }
            for order in
                self.column("SELECT id FROM orders WHERE j = ?1 AND case_id = ?2", j, id)?
            {
                self.clocks_on(j, &order, &mut from)?;
                from.ids.insert(order);
            }
        } else if self.tables.has("leads", j, id)? {
            self.around_lead(j, id, &mut from)?;
        } else if self.tables.has("orders", j, id)? {
            self.clocks_on(j, id, &mut from)?;
        } else {
            from.many = true;
            if self.tables.has("institutions", j, id)? {
                from.ids.insert(subject_key(id));
            }
        }
        let kept = self.gather(j, &from)?;
        self.told(j, kept, from.sheet)
    }

    /// The history of an institution or a place.
    pub(super) fn history(&self, j: &str, code: &str) -> InsightResult<Vec<TimelineItem>> {
        let mut from = Sources {
            many: true,
            ..Sources::default()
        };
        from.ids.insert(subject_key(code));
        let kept = self.gather(j, &from)?;
        self.told(j, kept, false)
    }

    fn column(&self, sql: &str, j: &str, id: &str) -> InsightResult<Vec<String>> {
        self.tables.all(sql, (j, id), |row| row.get(0))
    }

    fn clocks_on(&self, j: &str, on: &str, from: &mut Sources) -> InsightResult<()> {
        from.ids
            .extend(self.column("SELECT id FROM clocks WHERE j = ?1 AND on_id = ?2", j, on)?);
        Ok(())
    }

    /// A lead with those merged into it, their reports, rows and places, their actions and clocks.
    fn around_lead(&self, j: &str, lead: &str, from: &mut Sources) -> InsightResult<()> {
        let mut waiting = vec![lead.to_owned()];
        let mut met = BTreeSet::new();
        while let Some(lead) = waiting.pop() {
            if !met.insert(lead.clone()) {
                continue;
            }
            let reports = self.tables.all("SELECT r.id, r.task, r.row, r.place FROM leads l JOIN reports r ON r.j = l.j AND r.id = l.report WHERE l.j = ?1 AND l.id = ?2", (j, &lead), |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?))
            })?;
            for (report, task, row, place) in reports {
                from.ids.insert(report);
                from.rows.extend(task.zip(row));
                from.ids.extend(place);
            }
            from.ids.extend(self.column(
                "SELECT id FROM actions WHERE j = ?1 AND lead = ?2",
                j,
                &lead,
            )?);
            self.clocks_on(j, &lead, from)?;
            waiting.extend(self.column(
                "SELECT id FROM leads WHERE j = ?1 AND merged_into = ?2",
                j,
                &lead,
            )?);
            from.ids.insert(lead);
        }
        Ok(())
    }

    fn gather(&self, j: &str, from: &Sources) -> InsightResult<Vec<StoredEvent>> {
        let mut kept = BTreeMap::new();
        let mut take = |id: &str, only: Option<&str>| -> InsightResult<()> {
            let rows = self.tables.all(
                "SELECT e.seq, e.book, e.n, e.ord, e.at, e.by, e.json FROM event_ids i JOIN events e ON e.seq = i.seq WHERE i.j = ?1 AND i.id = ?2",
                (j, id),
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get::<_, String>(6)?)),
            )?;
            for (seq, book, n, ord, at, by, json) in rows {
                let service = book.split('/').next().unwrap_or_default();
                let mut event = Event::decode(service, &json)?;
                if only.is_none_or(|row| row_of(&event) == Some(row))
                    && self.rights.may_read(j, &event, from.many)?
                {
                    self.rights.without_what_is_sealed(j, &mut event)?;
                    kept.insert(
                        seq,
                        StoredEvent {
                            book,
                            n: u64::try_from(n).unwrap_or_default(),
                            ord,
                            at,
                            by,
                            event,
                        },
                    );
                }
            }
            Ok(())
        };
        for id in &from.ids {
            take(id, None)?;
        }
        for (task, row) in &from.rows {
            if !from.ids.contains(task) {
                take(task, Some(row))?;
            }
        }
        Ok(kept.into_values().collect())
    }

    /// In the order of time, books of one instant in the order they act on each other.
    fn told(
        &self,
        j: &str,
        mut kept: Vec<StoredEvent>,
        sheet: bool,
    ) -> InsightResult<Vec<TimelineItem>> {
        let place = |book: &str| {
            let service = book.split('/').next().unwrap_or_default();
            picket_schemas::event::SERVICES
                .iter()
                .position(|name| *name == service)
        };
        kept.sort_by_key(|kept| (kept.at, place(&kept.book), kept.ord));
        let hidden = if sheet {
            HiddenNames::default()
        } else {
            self.finders(j, &kept)?
        };
        let words = SentenceWriter {
            reader: *self,
            j,
            hidden: &hidden,
        };
        let mut items = Vec::with_capacity(kept.len());
        for kept in kept {
            let facts = words.facts(&kept.event, &kept.by)?;
            items.push(TimelineItem {
                at: instant(kept.at),
                journal: kept.book,
                n: kept.n,
                kind: kept.event.kind().to_owned(),
                by: words.author(&kept.by)?,
                text: words.sentence(&kept.event, &facts),
                with: shown(&facts),
            });
        }
        Ok(items)
    }

    /// The finders in these events, each with the post that is said in place of the name.
    fn finders(&self, j: &str, kept: &[StoredEvent]) -> InsightResult<HiddenNames> {
        let mut hidden = HiddenNames::default();
        for StoredEvent { event, by, .. } in kept {
            let (person, post) = match event {
                Event::Dispatch(
                    dispatch::Event::RowFound { finder, post, .. }
                    | dispatch::Event::PlaceReported { finder, post, .. },
                ) => (finder.as_str(), post.as_ref()),
                Event::Rectification(rectification::Event::ReportReceived {
                    finder: Some(finder),
                    post,
                    ..
                }) => (finder.as_str(), post.as_ref()),
                Event::Dispatch(
                    dispatch::Event::RowFilled { by, .. }
                    | dispatch::Event::RowAnnotated { by, .. },
                ) => (by.as_str(), None),
                other => match (finder(other), other) {
                    (Some(finder), _) => (finder, None),
                    (None, Event::Dispatch(_)) => (by.as_str(), None),
                    (None, _) => continue,
                },
            };
            if !person.contains('/') {
                continue;
            }
            let post = match post {
                Some(post) => Some(self.post(j, post.as_str())?.name),
                None => self.tables.one(
                    "SELECT name FROM posts p WHERE (p.j, p.code) IN (SELECT j, code FROM posts WHERE leader = ?1 UNION SELECT j, post FROM post_members WHERE person = ?1) ORDER BY p.j, p.code LIMIT 1",
                    [person],
                    |row| row.get::<_, String>(0),
                )?,
            };
            hidden.insert(person.to_owned(), post.unwrap_or_default());
        }
        Ok(hidden)
    }
}

/// The finder an event names, whatever its field is called on the wire.
fn finder(event: &Event) -> Option<&str> {
    let mut finder = None;
    event.mentions(&mut |mention| match mention.of {
        Mentioned::Person(person) if mention.field == "finder" => finder = Some(person),
        _ => {}
    });
    finder
}

/// The row of a sheet an event is about.
fn row_of(event: &Event) -> Option<&str> {
    use dispatch::Event as E;
    match event {
        Event::Dispatch(
            E::RowFilled { row, .. } | E::RowFound { row, .. } | E::RowAnnotated { row, .. },
        ) => Some(row),
        _ => None,
    }
}
