//! The person of a dialogue as the roster has them, looked up for it or told by its transport.

use picket_schemas::ask::PersonView;

use crate::look::Profile;
use crate::session::{Context, Session};
use picket_phrases::Language;

impl Session {
    /// Takes over name, roles and language as the roster has them now; a language the person chose stays.
    pub fn meet(&mut self, person: &PersonView, cx: &Context<'_>) {
        self.me = Profile::from_view(cx.person, person);
        if let Some(language) = Language::parse(&person.language).filter(|_| !self.chosen) {
            self.language = language;
        }
    }
}
