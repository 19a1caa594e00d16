//! Publication: what becomes of a requested bulletin. Its figures are settled, it is approved, it is corrected.
//!
//! Whoever drafted a bulletin does not approve it; what was frozen never changes.
//! It does not know how approved bulletins are printed or sent.

use std::collections::BTreeMap;

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::bulletin::{Event, Positions};
use picket_schemas::{BulletinId, Figures, Overrides, Refusal};

use crate::draft::known_figures;
use crate::{Bulletin, BulletinState};

impl Bulletin {
    pub(crate) fn settle(
        &self,
        bulletin: &BulletinId,
        positions: &Positions,
        figures: &Figures,
        areas: &BTreeMap<String, Figures>,
        code_version: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        cx.allow("bulletin.settle", Resource::default())?;
        let draft = self.known(bulletin)?;
        if draft.state != BulletinState::Requested {
            return Err(Refusal::Already {
                what: bulletin.to_string(),
                state: draft.state.word().into(),
            });
        }
        fields::needed_text(
            "code_version",
            code_version,
            "figures are reproduced with the version that counted them",
        )?;
        Ok(vec![Event::BulletinFrozen {
            bulletin: bulletin.clone(),
            name: draft.name.clone(),
            from: draft.from,
            as_of: draft.as_of,
            rounding: draft.rounding,
            positions: positions.clone(),
            figures: figures.clone(),
            areas: areas.clone(),
            code_version: code_version.to_owned(),
            corrects: draft.corrects.clone(),
            overrides: draft.overrides.clone(),
        }])
    }

    pub(crate) fn approve(
        &self,
        bulletin: &BulletinId,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let draft = self.known(bulletin)?;
        cx.allow("bulletin.approve", Resource::default())?;
        match draft.state {
            BulletinState::Frozen => {}
            BulletinState::Approved => {
                return Err(Refusal::Already {
                    what: bulletin.to_string(),
                    state: draft.state.word().into(),
                });
            }
            BulletinState::Requested => return Err(not_frozen(bulletin, draft.state)),
        }
        if draft.by.as_ref() == Some(cx.actor) {
            return Err(Refusal::SamePerson {
                what: format!("approve {bulletin}"),
                who: cx.directory.person_name(cx.actor),
            });
        }
        Ok(vec![Event::BulletinApproved {
            bulletin: bulletin.clone(),
            by: cx.actor.clone(),
        }])
    }

    pub(crate) fn correct(
        &self,
        bulletin: &BulletinId,
        reason: &str,
        overrides: Option<&Overrides>,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let draft = self.known(bulletin)?;
        cx.allow("bulletin.correct", Resource::default())?;
        if draft.state == BulletinState::Requested {
            return Err(not_frozen(bulletin, draft.state));
        }
        if self.in_correction.contains(bulletin) {
            return Err(Refusal::Already {
                what: bulletin.to_string(),
                state: "being corrected".into(),
            });
        }
        let reason = fields::reason(reason, "a correction")?;
        let overrides = overrides.unwrap_or(&draft.overrides);
        known_figures(overrides)?;
        Ok(vec![Event::BulletinRequested {
            bulletin: self.next_id(),
            name: draft.name.clone(),
            from: draft.from,
            as_of: draft.as_of,
            rounding: draft.rounding,
            occurrence: None,
            by: Some(cx.actor.clone()),
            corrects: Some(bulletin.clone()),
            reason: Some(reason),
            overrides: overrides.clone(),
        }])
    }
}

fn not_frozen(bulletin: &BulletinId, state: BulletinState) -> Refusal {
    Refusal::WrongState {
        what: bulletin.to_string(),
        state: state.word().into(),
        needs: BulletinState::Frozen.word().into(),
    }
}
