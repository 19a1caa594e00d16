//! Rectification as text: leads, cases and orders.

use picket_schemas::ask::{CaseView, LeadView, OrderView};

use super::layout::rows;
use super::names::{all, maybe, named};
use super::zone::Zone;

impl Zone<'_> {
    pub(super) fn leads(&self, leads: &[LeadView]) -> String {
        rows(
            &[
                "lead",
                "subject",
                "state",
                "codes",
                "department",
                "owner",
                "due",
            ],
            leads.iter().map(|lead| {
                vec![
                    lead.lead.clone(),
                    lead.subject
                        .as_ref()
                        .map_or_else(String::new, |subject| subject.name.clone()),
                    lead.state.clone(),
                    lead.codes.join(" "),
                    lead.department
                        .as_ref()
                        .map_or_else(String::new, |one| one.name.clone()),
                    lead.owner
                        .as_ref()
                        .map_or_else(String::new, |one| one.name.clone()),
                    self.due(lead.deadline.as_ref()),
                ]
            }),
        )
    }

    pub(super) fn lead(&self, lead: &LeadView) -> String {
        let mut text = format!(
            "{} {}{}\n",
            lead.lead,
            lead.state,
            if lead.urgent { "  URGENT" } else { "" }
        );
        text.push_str(&format!(
            "subject     {}  {}\n",
            maybe(lead.subject.as_ref()),
            lead.subject_address
        ));
        text.push_str(&format!(
            "found by    {}  ({})\n",
            maybe(lead.post.as_ref()),
            lead.source
        ));
        text.push_str(&format!(
            "handled by  {}  with {}\n",
            maybe(lead.department.as_ref()),
            if lead.assist.is_empty() {
                "–".into()
            } else {
                all(&lead.assist)
            }
        ));
        text.push_str(&format!("owner       {}\n", maybe(lead.owner.as_ref())));
        text.push_str(&format!("codes       {}\n", lead.codes.join(" ")));
        if let Some(proposal) = &lead.proposal {
            text.push_str(&format!(
                "table says  {}: {}\n",
                proposal.lead, proposal.rule
            ));
        }
        for (label, value) in [
            ("joint", lead.joint.map(|joint| joint.to_string())),
            ("verdict", lead.verdict.clone()),
            ("case", lead.case.clone()),
            ("merged", lead.merged_into.clone()),
        ] {
            if let Some(value) = value {
                text.push_str(&format!("{label:<12}{value}\n"));
            }
        }
        text.push_str(&format!(
            "due         {}\n",
            self.due(lead.deadline.as_ref())
        ));
        if !lead.text.is_empty() {
            text.push_str(&format!("\n{}\n", lead.text));
        }
        text
    }

    pub(super) fn orders(&self, orders: &[OrderView]) -> String {
        rows(
            &["order", "no.", "subject", "state", "department", "due"],
            orders.iter().map(|order| {
                vec![
                    order.order.clone(),
                    format!("{}-{}", order.year, order.number),
                    order.subject.name.clone(),
                    order.state.clone(),
                    order.department.name.clone(),
                    self.due(order.deadline.as_ref()),
                ]
            }),
        )
    }

    pub(super) fn order(&self, order: &OrderView) -> String {
        format!(
            "{} No. {} of {}  {}{}\nsubject      {}\nfound by     {}\nhandled by   {}\nowner        {}\nfocus        {}\nrequirement  {}\ncontent      {}\nground       {}\ndeadline     {}  due {}\nserved       {}\nfix reported {}  {}\ncleared      {}\n",
            order.order,
            order.number,
            order.year,
            order.state,
            if order.parked { "  PARKED" } else { "" },
            named(&order.subject),
            maybe(order.post.as_ref()),
            named(&order.department),
            maybe(order.owner.as_ref()),
            order.focus,
            order.requirement,
            order.content,
            order.ground,
            order.span,
            self.due(order.deadline.as_ref()),
            order.served.map_or_else(|| "–".into(), |at| self.time(at)),
            order
                .reported
                .map_or_else(|| "–".into(), |at| self.time(at)),
            order.fix_note.clone().unwrap_or_default(),
            order.cleared.map_or_else(|| "–".into(), |at| self.time(at)),
        )
    }

    pub(super) fn case(&self, case: &CaseView) -> String {
        let mut text = format!(
            "{} {}  (lead {}, generation {})\nsubject     {}\nfound by    {}\nhandled by  {}  officers {}\nowner       {}\nrefunds     {}.{:02} yuan, penalties {}\n\n",
            case.case,
            case.state,
            case.lead,
            case.generation,
            named(&case.subject),
            maybe(case.post.as_ref()),
            named(&case.department),
            all(&case.officers),
            maybe(case.owner.as_ref()),
            case.refund_fen / 100,
            case.refund_fen % 100,
            case.penalties,
        );
        if !case.orders.is_empty() {
            text.push_str(&self.orders(&case.orders));
            text.push('\n');
        }
        text.push_str(&self.timeline(&case.timeline));
        text
    }
}
