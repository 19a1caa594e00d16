//! Chat offers what the policy allows, no more and no less.

use std::sync::Arc;

use picket_calendar::Calendar;
use picket_conversation::Profile;
use picket_directory::{Directory, Layer, Resource, allow};
use picket_schemas::registry::{Event, Person, Role};
use picket_schemas::{Command, Jurisdiction, PersonId};

const ROLES: [(Role, &str); 14] = [
    (Role::Sentinel, "sentinel"),
    (Role::PostLeader, "post_leader"),
    (Role::Street, "street"),
    (Role::Coordinator, "coordinator"),
    (Role::Dispatcher, "dispatcher"),
    (Role::Inspector, "inspector"),
    (Role::Head, "head"),
    (Role::Verifier, "verifier"),
    (Role::Supervisor, "supervisor"),
    (Role::Owner, "owner"),
    (Role::Clerk, "clerk"),
    (Role::Approver, "approver"),
    (Role::Overseer, "overseer"),
    (Role::Operator, "operator"),
];

#[test]
fn a_button_is_offered_to_exactly_those_roles_that_may_press_it() {
    for (role, name) in ROLES {
        let who = PersonId::from("420902/P-1");
        let mut layer = Layer::new(Jurisdiction::from("420902"));
        let person = Person {
            id: who.clone(),
            name: "somebody 1".into(),
            roles: [role].into_iter().collect(),
            department: None,
            area: "420902".into(),
            certificate: None,
            language: None,
        };
        layer.apply(&Event::PersonEnrolled { person });
        let directory = Directory::new(vec![Arc::new(layer)], Calendar::china());
        let me = Profile {
            roles: vec![name.to_owned()],
            ..Profile::default()
        };
        let verbs = Command::verbs().into_iter().map(|(verb, _)| verb);
        for action in verbs.chain(["dispatch.assign"]) {
            let allowed = allow(
                &who,
                action,
                Resource::default(),
                &directory,
                jiff::Timestamp::UNIX_EPOCH,
            )
            .is_ok();
            assert_eq!(me.may(action), allowed, "{name}: {action}");
        }
    }
}
