//! `picket ask`: questions insight answers.

use std::collections::BTreeMap;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use picket_node::ids::owner;
use picket_node::problem::{Exit, Failure};
use picket_schemas::ask::{Question, View, Viewer};
use picket_schemas::{Jurisdiction, PersonId, split_id};

use crate::cli::AskArgs;
use crate::reach::Reach;
use crate::settings::CliSettings;

/// Runs it.
pub async fn run(settings: &CliSettings, args: AskArgs) -> Result<ExitCode, Failure> {
    let reach = Reach::open(
        settings,
        &["registry", "dispatch", "escalation", "schedule", "courier"],
    )
    .await?;
    let reply = async {
        let (viewer, here) = viewer(&reach, settings, &args).await?;
        let question = question(&reach, settings, &args, &here).await?;
        // A folder just opened is still being read; its positions come up within moments. It is asked once: a look may be logged.
        for _ in 0..20 {
            if !reach.is_behind().await {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let reply = reach
            .client()
            .ask(&viewer, &question, &BTreeMap::new())
            .await?;
        crate::warnings::warn(&reach, Some(&question)).await;
        Ok::<_, Failure>(reply)
    }
    .await;
    reach.close().await;
    let reply = reply?;
    if settings.json {
        crate::show::out(&format!(
            "{}\n",
            serde_json::to_string(&reply).unwrap_or_default()
        ));
        return Ok(if matches!(reply.view, View::Unknown) {
            ExitCode::from(1)
        } else {
            ExitCode::SUCCESS
        });
    }
    if matches!(reply.view, View::Unknown) {
        return Err(match (args.words.is_empty(), &args.person) {
            (true, Some(who)) => Failure::new(
                Exit::Refused,
                format!("there is no {} here that {who} may see", args.question),
                "Ask as somebody whose work it is, or without `--as` as the owner of the folder.",
            ),
            _ => Failure::new(
                Exit::Refused,
                format!("there is nothing called `{}` here", args.words.join(" ")),
                "Check the id, and the jurisdiction with `--in`.",
            ),
        });
    }
    crate::show::out(&crate::show::view(&reply.view, &settings.zone));
    Ok(ExitCode::SUCCESS)
}

/// The viewer, and whose records are meant where nobody says: those of the person's own jurisdiction.
async fn viewer(
    reach: &Reach,
    settings: &CliSettings,
    args: &AskArgs,
) -> Result<(Viewer, Jurisdiction), Failure> {
    let here = reach.jurisdiction(settings)?;
    let Some(text) = args
        .person
        .as_deref()
        .filter(|text| *text != picket_directory::OPERATOR)
    else {
        return Ok((
            Viewer {
                sealed: args.sealed,
                ..owner(&here)
            },
            here,
        ));
    };
    if args.sealed {
        return Err(Failure::usage(
            "only the owner of the folder looks at what is sealed",
            "Say `--sealed` without `--as`; each such look is logged.",
        ));
    }
    let person = reach.person(settings, text).await?;
    let home = person.jurisdiction();
    let here = if settings.within.is_none() && reach.territory().jurisdictions.contains_key(&home) {
        home
    } else {
        here
    };
    Ok((Viewer::person(&person), here))
}

async fn question(
    reach: &Reach,
    settings: &CliSettings,
    args: &AskArgs,
    here: &Jurisdiction,
) -> Result<Question, Failure> {
    let words = AskArguments::of(&args.words);
    let id = |what: &str| words.id(what, here);
    let jurisdiction = here.clone();
    Ok(match args.question.as_str() {
        "inbox" => Question::Inbox {
            person: words.person(reach, settings, args).await?,
        },
        "person" => Question::Person {
            person: words.person(reach, settings, args).await?,
        },
        "notices" => Question::Notices {
            person: words.person(reach, settings, args).await?,
        },
        "task" => id("task").map(|(jurisdiction, task)| Question::Task { jurisdiction, task })?,
        "batch" => id("batch").map(|(jurisdiction, batch)| Question::Batch {
            jurisdiction,
            batch,
        })?,
        "lead" => id("lead").map(|(jurisdiction, lead)| Question::Lead { jurisdiction, lead })?,
        "case" => id("case").map(|(jurisdiction, case)| Question::Case { jurisdiction, case })?,
        "order" => id("order").map(|(jurisdiction, order)| Question::Order {
            jurisdiction,
            order,
        })?,
        "timeline" => {
            id("timeline").map(|(jurisdiction, of)| Question::Timeline { jurisdiction, of })?
        }
        "institution" => id("institution")
            .map(|(jurisdiction, code)| Question::Institution { jurisdiction, code })?,
        "board" => Question::Board { jurisdiction },
        "overdue" => Question::Overdue { jurisdiction },
        "deliveries" => Question::Deliveries { jurisdiction },
        "readings" => Question::Readings { jurisdiction },
        "schedules" => Question::Schedules { jurisdiction },
        "people" => Question::People {
            jurisdiction,
            role: words.first_or("role").cloned(),
        },
        "figures" => words.figures(reach, settings, jurisdiction).await?,
        other => {
            return Err(Failure::usage(
                format!("`{other}` is no question"),
                "Questions are inbox, person, task, batch, board, lead, case, order, timeline, overdue, institution, figures, schedules, notices, deliveries, people, readings.",
            ));
        }
    })
}

/// The words behind a question: those with a name, as in `role=clerk`, and those without.
struct AskArguments {
    named: BTreeMap<String, String>,
    plain: Vec<String>,
}

impl AskArguments {
    fn of(words: &[String]) -> Self {
        let (mut named, mut plain) = (BTreeMap::new(), Vec::new());
        for word in words {
            match word.split_once('=') {
                Some((name, value)) => drop(named.insert(name.to_owned(), value.to_owned())),
                None => plain.push(word.clone()),
            }
        }
        Self { named, plain }
    }

    /// The first word without a name, else the one of this name.
    fn first_or(&self, name: &str) -> Option<&String> {
        self.plain.first().or_else(|| self.named.get(name))
    }

    /// The id of what is asked about, and whose record it is.
    fn id(&self, what: &str, here: &Jurisdiction) -> Result<(Jurisdiction, String), Failure> {
        let text = self.first_or(what).ok_or_else(|| {
            Failure::usage(
                format!("which {what}?"),
                format!("Say `picket ask {what} ID`."),
            )
        })?;
        let (home, short) = split_id(text);
        let jurisdiction = match home {
            Some(home) => Jurisdiction::from(home),
            None => here.clone(),
        };
        Ok((jurisdiction, short.to_owned()))
    }

    /// The person who is asked about, else who asks.
    async fn person(
        &self,
        reach: &Reach,
        settings: &CliSettings,
        args: &AskArgs,
    ) -> Result<PersonId, Failure> {
        let text = self
            .plain
            .first()
            .or(args.person.as_ref())
            .ok_or_else(|| Failure::usage("whose?", "Add `--as P-0017`."))?;
        reach.person(settings, text).await
    }

    /// Figures up to now, or up to `as_of=`; from the first of that year, or from `from=`.
    async fn figures(
        &self,
        reach: &Reach,
        settings: &CliSettings,
        jurisdiction: Jurisdiction,
    ) -> Result<Question, Failure> {
        let now = picket_node::admin::clock::now(&reach.client()).await;
        let as_of = self
            .named
            .get("as_of")
            .map_or(Ok(now), |text| instant(text, settings, true))?;
        let from = match self.named.get("from") {
            Some(text) => instant(text, settings, false)?,
            None => first_of_year(as_of, settings),
        };
        Ok(Question::Figures {
            jurisdiction,
            from,
            as_of,
        })
    }
}

fn first_of_year(at: Timestamp, settings: &CliSettings) -> Timestamp {
    let local = at.to_zoned(settings.zone.clone());
    local
        .first_of_year()
        .and_then(|day| day.start_of_day())
        .map_or(at, |start| start.timestamp())
}

/// An instant, or a day: its start, or its end where that is meant.
fn instant(text: &str, settings: &CliSettings, end: bool) -> Result<Timestamp, Failure> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let bad = |_| {
        Failure::usage(
            format!("`{text}` is neither a day nor an instant"),
            "Write 2026-03-02 or 2026-03-02T08:00:00+08:00.",
        )
    };
    let day: Date = text.parse().map_err(bad)?;
    let day = if end {
        day.tomorrow().map_err(bad)?
    } else {
        day
    };
    let start = day
        .to_zoned(settings.zone.clone())
        .map_err(bad)?
        .timestamp();
    Ok(if end {
        start - std::time::Duration::from_millis(1)
    } else {
        start
    })
}
