//! An inbox as text: what waits for a person, each kind of work in a section of its own.

use picket_schemas::ask::{CaseView, Inbox, StepView};

use super::layout::{rows, sections};
use super::zone::Zone;

impl Zone<'_> {
    pub(super) fn inbox(&self, inbox: &Inbox) -> String {
        let mut text = String::new();
        if let Some(person) = &inbox.person {
            text.push_str(&format!(
                "{} {} ({})\n\n",
                person.id,
                person.name,
                person.roles.join(", ")
            ));
        }
        let waits = self.waits(inbox);
        if waits.is_empty() {
            text.push_str("nothing waits\n");
        }
        text + &waits
    }

    fn waits(&self, inbox: &Inbox) -> String {
        let tasks: [(&str, &[_]); 4] = [
            ("offered", &inbox.offers),
            ("to do", &inbox.tasks),
            ("to review", &inbox.reviews),
            ("with nobody", &inbox.unassigned),
        ];
        let leads: [(&str, &[_]); 2] = [("to triage", &inbox.triage), ("leads", &inbox.leads)];
        let steps: [(&str, &[_]); 2] = [("pressed", &inbox.steps), ("to sign", &inbox.proposals)];
        [
            sections(&tasks, |list| self.tasks(list)),
            sections(&leads, |list| self.leads(list)),
            sections(&[("cases", &inbox.cases)], cases),
            sections(&[("fixes to verify", &inbox.verify)], |list| {
                self.orders(list)
            }),
            sections(&steps, |list| self.steps(list)),
            sections(&[("cannot be reached", &inbox.unreachable)], |list| {
                self.unreachable(list)
            }),
        ]
        .concat()
    }

    fn steps(&self, steps: &[StepView]) -> String {
        rows(
            &["step", "level", "on", "what", "due"],
            steps.iter().map(|step| {
                vec![
                    step.step.clone(),
                    step.level.clone(),
                    step.on.clone(),
                    step.what.clone(),
                    self.end(step.due),
                ]
            }),
        )
    }
}

fn cases(cases: &[CaseView]) -> String {
    rows(
        &["case", "subject", "state", "department"],
        cases.iter().map(|case| {
            vec![
                case.case.clone(),
                case.subject.name.clone(),
                case.state.clone(),
                case.department.name.clone(),
            ]
        }),
    )
}
