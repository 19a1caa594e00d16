//! Bulletin facts: frozen bulletins, and those approved.

use picket_schemas::bulletin::Event;

use super::EventFold;
use crate::InsightError;
use crate::sql::{micros, word};

impl EventFold<'_> {
    pub(super) fn bulletin(&self, event: &Event) -> Result<(), InsightError> {
        match event {
            Event::BulletinFrozen { bulletin, name, from, as_of, rounding, figures, areas, code_version, corrects, overrides, .. } => self.put(
                "INSERT OR REPLACE INTO bulletins (j, id, ord, name, begins, as_of, rounding, corrects, figures, areas, code_version, overrides) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                (
                    self.j,
                    bulletin.as_str(),
                    self.ord,
                    name,
                    micros(*from),
                    micros(*as_of),
                    word(rounding),
                    corrects.as_ref().map(AsRef::<str>::as_ref),
                    serde_json::to_string(figures)?,
                    serde_json::to_string(areas)?,
                    code_version,
                    serde_json::to_string(overrides)?,
                ),
            ),
            Event::BulletinApproved { bulletin, .. } => self.put("UPDATE bulletins SET approved = 1 WHERE j = ?1 AND id = ?2", (self.j, bulletin.as_str())),
            Event::BulletinRequested { .. } => Ok(()),
        }
    }
}
