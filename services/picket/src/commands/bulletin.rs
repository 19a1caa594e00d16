//! `picket bulletin`: freezes one, or prints one with the text people read.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use picket_insight::{Language, bulletin_text};
use picket_schemas::ask::{BulletinView, Question, View};
use picket_schemas::{Jurisdiction, Wish, bulletin, split_id};

use crate::cli::{BulletinArgs, Lang};
use crate::problem::{Exit, Failure};
use crate::reach::{Reach, new_id, now};
use crate::settings::Settings;

/// Runs it.
pub async fn run(settings: &Settings, args: BulletinArgs) -> Result<ExitCode, Failure> {
    let reach = Reach::open(settings, &["bulletin"]).await?;
    let view = act(&reach, settings, &args).await;
    reach.close().await;
    let view = view?;
    if settings.json {
        println!("{}", serde_json::to_string(&view).unwrap_or_default());
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}", text(&view, args.lang, settings).trim_end());
    Ok(ExitCode::SUCCESS)
}

/// The text of a bulletin.
pub fn text(view: &BulletinView, lang: Lang, settings: &Settings) -> String {
    let language = match lang {
        Lang::Zh => Language::Zh,
        Lang::En => Language::En,
    };
    bulletin_text(view, language, &settings.zone, &Default::default())
}

async fn act(reach: &Reach, settings: &Settings, args: &BulletinArgs) -> Result<BulletinView, Failure> {
    let mut jurisdiction = reach.jurisdiction(settings)?;
    let mut wanted = args.bulletin.clone();
    if let Some((Some(home), short)) = args.bulletin.as_deref().map(split_id) {
        jurisdiction = Jurisdiction::from(home);
        wanted = Some(short.to_owned());
    }
    if let Some(name) = &args.freeze {
        if !reach.running() {
            return Err(Failure::usage("a bulletin is frozen by a running Picket, which has read everything", "Start `picket up` on this folder, then freeze."));
        }
        let person = args.person.as_deref().ok_or_else(|| Failure::usage("nobody is said to freeze it", "Add `--as` with a clerk's code."))?;
        let by = reach.person(settings, person).await?;
        let made = super::clock::of(&reach.client()).await.map_or_else(now, |clock| clock.now);
        let command = bulletin::Command::Freeze { name: name.clone(), from: None, as_of: None, rounding: bulletin::Rounding::default() }.into();
        let wish = Wish { id: new_id("cli"), by, via: "cli".into(), made, observed: None, trace: String::new(), command };
        wanted = reach.client().wish(&jurisdiction, &wish).await?.created.into_iter().next();
    }
    for _ in 0..100 {
        let reply = reach.client().ask(&Question::Bulletin { jurisdiction: jurisdiction.clone(), bulletin: wanted.clone() }, &BTreeMap::new()).await?;
        match reply.view {
            View::Bulletin(Some(view)) => return Ok(view),
            // Just asked for, or the folder was just opened: it is being read.
            _ if args.freeze.is_some() || !reach.running() => tokio::time::sleep(Duration::from_millis(if reach.running() { 100 } else { 30 })).await,
            _ => break,
        }
    }
    match &wanted {
        Some(id) => Err(Failure::new(Exit::Refused, format!("there is no frozen bulletin `{id}` in {jurisdiction}"), "`picket bulletin` without an id prints the latest.")),
        None => Err(Failure::new(Exit::Refused, format!("no bulletin was frozen in {jurisdiction} yet"), "A clerk freezes one: `picket bulletin --freeze NAME --as P-0009`, or a schedule does.")),
    }
}
