//! `picket map`: who reads whom, and what each service says; printed from the list of services.

mod live;

use std::process::ExitCode;

use picket_book::Upstream;
use picket_node::problem::Failure;

use crate::cli::MapArgs;
use crate::settings::CliSettings;

/// Runs it.
pub async fn run(settings: &CliSettings, args: MapArgs) -> Result<ExitCode, Failure> {
    if args.live {
        return live::run(settings, &args.cluster).await;
    }
    if settings.json {
        let services: Vec<_> = picket_node::services::kinds().iter().map(|kind| serde_json::json!({ "service": kind.name, "reads": reads(kind.reads), "listens": kind.listens, "says": says(kind.name) })).collect();
        println!("{}", serde_json::json!({ "services": services }));
    } else {
        print!("{}", text());
    }
    Ok(ExitCode::SUCCESS)
}

/// The map as the README shows it.
pub fn text() -> String {
    let rows: Vec<Vec<String>> = picket_node::services::kinds()
        .iter()
        .map(|kind| {
            vec![
                kind.name.to_owned(),
                reads(kind.reads).join(", "),
                kind.listens.len().to_string(),
                says(kind.name).len().to_string(),
            ]
        })
        .collect();
    let mut text = crate::show::table(
        &["service", "reads besides the registries", "hears", "says"],
        &rows,
        80,
    );
    text.push_str("\ninsight reads every journal and answers questions; it has no book.\n");
    for kind in picket_node::services::kinds() {
        text.push_str(&format!("\n{}\n", kind.name));
        text.push_str(&paragraph("hears", kind.listens));
        text.push_str(&paragraph("says", &says(kind.name)));
    }
    text
}

fn reads(upstreams: &[Upstream]) -> Vec<String> {
    upstreams
        .iter()
        .map(|upstream| match upstream {
            Upstream::Own(service) => (*service).to_owned(),
            Upstream::Parent(service) => format!("{service} above"),
            Upstream::Children(service) => format!("{service} below"),
        })
        .collect()
}

fn says(service: &str) -> Vec<&'static str> {
    picket_schemas::event::kinds()
        .into_iter()
        .filter(|(of, _)| *of == service)
        .map(|(_, kind)| kind)
        .collect()
}

fn paragraph(label: &str, words: &[&str]) -> String {
    let mut lines = String::new();
    let mut line = format!("  {label:<6}");
    if words.is_empty() {
        line.push_str(" –");
    }
    for word in words {
        if line.len() + word.len() + 1 > 78 {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = " ".repeat(8);
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}
