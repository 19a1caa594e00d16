//! `picket bulletin`: freezes one, or prints one with the text people read.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use picket_insight::{Language, bulletin_text, printed_figures};
use picket_node::ids::{new_id, owner};
use picket_node::problem::{Exit, Failure};
use picket_schemas::ask::{BulletinView, Question, View};
use picket_schemas::printed::PRINTED_HINT;
use picket_schemas::{Jurisdiction, Overrides, Wish, bulletin, split_id};
use serde_json::json;

use crate::cli::{BulletinArgs, Lang, PrintRounding};
use crate::reach::Reach;
use crate::settings::CliSettings;

/// Runs it.
pub async fn run(settings: &CliSettings, args: BulletinArgs) -> Result<ExitCode, Failure> {
    let reach = Reach::open(settings, &["bulletin"]).await?;
    let view = act(&reach, settings, &args).await;
    crate::warnings::warn(&reach, None).await;
    reach.close().await;
    let view = view?;
    if settings.json {
        crate::show::out(&format!("{}\n", whole(&view, settings)));
        return Ok(ExitCode::SUCCESS);
    }
    crate::show::out(&format!(
        "{}\n",
        text(&view, args.lang, settings).trim_end()
    ));
    Ok(ExitCode::SUCCESS)
}

/// The text of a bulletin.
pub fn text(view: &BulletinView, lang: Lang, settings: &CliSettings) -> String {
    let language = match lang {
        Lang::Zh => Language::Zh,
        Lang::En => Language::En,
    };
    bulletin_text(view, language, &settings.zone, &Default::default())
}

/// Everything that is known of a bulletin: its exact figures, those printed, and both texts.
fn whole(view: &BulletinView, settings: &CliSettings) -> serde_json::Value {
    let mut whole = json!(view);
    whole["printed"] = json!({ "zh": printed_figures(view, Language::Zh), "en": printed_figures(view, Language::En) });
    whole["text"] =
        json!({ "zh": text(view, Lang::Zh, settings), "en": text(view, Lang::En, settings) });
    whole
}

/// `KEY=WORDING` of each `--print`.
fn overrides(args: &BulletinArgs) -> Result<Overrides, Failure> {
    let mut overrides = Overrides::new();
    for said in &args.print {
        let Some((key, wording)) = said.split_once('=') else {
            return Err(Failure::usage(
                format!("`{said}` is not FIGURE=WORDING"),
                format!("Such as person_times=1198+. {PRINTED_HINT}"),
            ));
        };
        let printed = wording
            .parse()
            .map_err(|why| Failure::usage(format!("{key}: {why}"), PRINTED_HINT))?;
        overrides.insert(key.trim().to_owned(), printed);
    }
    Ok(overrides)
}

/// Freezes a bulletin where one is to be frozen, and finds what is to be printed.
async fn act(
    reach: &Reach,
    settings: &CliSettings,
    args: &BulletinArgs,
) -> Result<BulletinView, Failure> {
    let mut jurisdiction = reach.jurisdiction(settings)?;
    let mut wanted = args.bulletin.clone();
    if let Some((Some(home), short)) = args.bulletin.as_deref().map(split_id) {
        jurisdiction = Jurisdiction::from(home);
        wanted = Some(short.to_owned());
    }
    let overrides = overrides(args)?;
    if let Some(name) = &args.freeze {
        let command = bulletin::Command::Freeze {
            name: name.clone(),
            from: None,
            as_of: None,
            rounding: args.rounding.into(),
            overrides,
        };
        let person = args.person.as_deref();
        wanted = freeze(reach, settings, person, &jurisdiction, command).await?;
    }
    find(reach, &jurisdiction, wanted, args.freeze.is_some()).await
}

/// Sends the wish to freeze; the id of the bulletin.
async fn freeze(
    reach: &Reach,
    settings: &CliSettings,
    person: Option<&str>,
    jurisdiction: &Jurisdiction,
    command: bulletin::Command,
) -> Result<Option<String>, Failure> {
    if !reach.running() {
        return Err(Failure::usage(
            "a bulletin is frozen by a running Picket, which has read everything",
            "Start `picket up` on this folder, then freeze.",
        ));
    }
    let person = person.ok_or_else(|| {
        Failure::usage(
            "nobody is said to freeze it",
            "Add `--as` with a clerk's code.",
        )
    })?;
    let by = reach.person(settings, person).await?;
    let wish = Wish {
        id: new_id("cli"),
        by,
        via: "cli".into(),
        made: picket_node::admin::clock::now(&reach.client()).await,
        observed: None,
        trace: String::new(),
        command: command.into(),
    };
    let answer = reach.client().wish(jurisdiction, &wish).await?;
    Ok(answer.created.into_iter().next())
}

/// A bulletin by its id, else the latest. Its figures may still be counted, and the folder still be read.
async fn find(
    reach: &Reach,
    jurisdiction: &Jurisdiction,
    wanted: Option<String>,
    just_frozen: bool,
) -> Result<BulletinView, Failure> {
    for _ in 0..100 {
        let reply = reach
            .client()
            .ask(
                &owner(jurisdiction),
                &Question::Bulletin {
                    jurisdiction: jurisdiction.clone(),
                    bulletin: wanted.clone(),
                },
                &BTreeMap::new(),
            )
            .await?;
        match reply.view {
            View::Bulletin(Some(view)) => return Ok(view),
            // Just asked for, or the folder was just opened: it is being read.
            _ if just_frozen || !reach.running() => {
                tokio::time::sleep(Duration::from_millis(if reach.running() {
                    100
                } else {
                    30
                }))
                .await
            }
            _ => break,
        }
    }
    match &wanted {
        Some(id) => Err(Failure::new(
            Exit::Refused,
            format!("there is no frozen bulletin `{id}` in {jurisdiction}"),
            "`picket bulletin` without an id prints the latest.",
        )),
        None => Err(Failure::new(
            Exit::Refused,
            format!("no bulletin was frozen in {jurisdiction} yet"),
            "A clerk freezes one: `picket bulletin --freeze NAME --as P-0009`, or a schedule does.",
        )),
    }
}

impl From<PrintRounding> for bulletin::Rounding {
    fn from(rounding: PrintRounding) -> Self {
        match rounding {
            PrintRounding::Exact => Self::Exact,
            PrintRounding::Over => Self::Over,
        }
    }
}
