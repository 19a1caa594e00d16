//! Who the person is, told by a transport that looked it up itself before anything was said.

use picket_schemas::ask::PersonView;

use crate::session::{Context, Session};

impl Session {
    /// Takes over name, roles and language as the roster has them now; a language the person chose stays.
    pub fn meet(&mut self, person: &PersonView, cx: &Context<'_>) {
        self.known(person, cx);
    }
}
