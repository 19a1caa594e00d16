//! Figures as a table, each area beside the whole where there is room.

use picket_schemas::ask::FiguresView;
use picket_schemas::figures::FIGURES;

use super::layout::rows;
use super::zone::Zone;

impl Zone<'_> {
    pub(super) fn figures(&self, view: &FiguresView) -> String {
        let name = |code: &String| {
            view.names
                .get(code)
                .cloned()
                .unwrap_or_else(|| code.clone())
        };
        // A county is its own only area; it stands there already.
        let mut columns: Vec<&String> = view
            .areas
            .keys()
            .filter(|code| **code != view.jurisdiction)
            .collect();
        let fits = columns.len() <= 4;
        columns.truncate(if fits { 4 } else { 0 });
        let mut header = vec![
            "figure".to_owned(),
            "unit".to_owned(),
            view.jurisdiction.clone(),
        ];
        header.extend(columns.iter().map(|code| name(code)));
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let mut text = format!(
            "{} from {} to {}\n",
            name(&view.jurisdiction),
            self.time(view.from),
            self.time(view.as_of)
        );
        if view.figures.counts.values().all(|count| *count == 0) {
            text.push_str(
                "nothing happened in this window; name another: from=2026-01-01 as_of=2026-03-31\n",
            );
        }
        text.push_str(&rows(
            &header,
            FIGURES.iter().map(|(key, unit)| {
                let mut row = vec![
                    (*key).to_owned(),
                    (*unit).to_owned(),
                    view.figures.get(key).to_string(),
                ];
                row.extend(
                    columns
                        .iter()
                        .filter_map(|code| view.areas.get(*code))
                        .map(|area| area.get(key).to_string()),
                );
                row
            }),
        ));
        if !view.figures.leads_by_department.is_empty() {
            text.push('\n');
            text.push_str(&rows(
                &["leads by department", "条"],
                view.figures
                    .leads_by_department
                    .iter()
                    .map(|(code, count)| vec![name(code), count.to_string()]),
            ));
        }
        text
    }
}
