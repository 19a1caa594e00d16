//! `picket do`: one wish to one book.

use std::process::ExitCode;

use clap::CommandFactory as _;
use picket_node::ids::new_id;
use picket_node::problem::Failure;
use picket_schemas::{Command, Wish, schema};
use serde_json::{Map, Value};

use crate::cli::{Cli, WishArgs};
use crate::reach::Reach;
use crate::settings::CliSettings;

/// Runs it.
pub async fn run(settings: &CliSettings, args: WishArgs) -> Result<ExitCode, Failure> {
    if args.help || args.schema {
        crate::show::out(&described(&args)?);
        return Ok(ExitCode::SUCCESS);
    }
    let Some(json) = command_json(&args)? else {
        list(settings.json);
        return Ok(ExitCode::SUCCESS);
    };
    let command =
        Command::parse(json).map_err(|why| Failure::usage(why.to_string(), why.hint()))?;
    let person = args.person.as_deref().ok_or_else(|| {
        Failure::usage(
            "nobody is said to wish this",
            "Add `--as P-0017`, or `--as operator` for the owner of the folder.",
        )
    })?;
    let reach = Reach::open(settings, &[command.service()]).await?;
    let outcome = async {
        let by = reach.person(settings, person).await?;
        let jurisdiction = match &settings.within {
            Some(_) => reach.jurisdiction(settings)?,
            None => by.jurisdiction(),
        };
        let id = args.id.as_deref().map_or_else(|| new_id("cli"), Into::into);
        let wish = Wish {
            id,
            by,
            via: "cli".into(),
            made: reach.now().await,
            observed: None,
            trace: String::new(),
            command,
        };
        let answer = reach
            .client()
            .wish(&jurisdiction, &wish)
            .await
            .map_err(|problem| again(problem, wish.id.as_str()))?;
        Ok::<_, Failure>(answer)
    }
    .await;
    let running = reach.running();
    reach.close().await;
    let answer = outcome?;
    if !running && !settings.json {
        eprintln!(
            "picket: nothing keeps this folder awake; what follows from this waits for `picket up`"
        );
    }
    if settings.json {
        println!("{}", serde_json::json!({ "ok": true, "answer": answer }));
    } else if answer.created.is_empty() {
        println!("done: {} commit {}", answer.book, answer.n);
    } else {
        println!(
            "done: {} ({} commit {})",
            answer.created.join(", "),
            answer.book,
            answer.n
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The help or the schema that is asked for: of one command, or of all.
fn described(args: &WishArgs) -> Result<String, Failure> {
    let text = match &args.command {
        None if args.schema => format!("{:#}", schema::all()),
        None => return Ok(long_help()),
        Some(verb) => {
            let forms = Command::forms();
            let Some((verb, form)) = forms.iter().find(|(known, _)| known == verb) else {
                // The reader of commands names those that are like it.
                let why = Command::parse(serde_json::json!({ "do": verb }));
                let hint = "`picket do` without a command lists them all with their fields.";
                let why = why.err().map(|why| why.to_string()).unwrap_or_default();
                return Err(Failure::usage(why, hint));
            };
            match schema::of(verb).filter(|_| args.schema) {
                Some(schema) => format!("{schema:#}"),
                None => crate::help::command(verb, form),
            }
        }
    };
    Ok(text + "\n")
}

/// The page that `picket help do` prints.
fn long_help() -> String {
    Cli::command()
        .find_subcommand_mut("do")
        .map(|command| command.render_long_help().to_string())
        .unwrap_or_default()
}

/// Where it is not known what became of a wish, the same id asks again without doing it twice.
fn again(mut problem: picket_schemas::Problem, id: &str) -> Failure {
    if matches!(
        problem.code.as_str(),
        "outcome_unknown" | "gone" | "garbled" | "busy" | "not_saved"
    ) {
        problem.hint = format!(
            "{} Send the same command with `--id {id}`; it will not be done twice.",
            problem.hint
        );
    }
    let unknown = matches!(problem.code.as_str(), "gone" | "garbled");
    let mut failure = Failure::from(problem);
    if unknown {
        failure.exit = picket_node::problem::Exit::Unknown;
    }
    failure
}

fn command_json(args: &WishArgs) -> Result<Option<Value>, Failure> {
    if let Some(whole) = &args.whole {
        return serde_json::from_str(whole).map(Some).map_err(|why| {
            Failure::usage(
                format!(
                    "the command is not JSON: {}",
                    picket_schemas::plain::plain(&why)
                ),
                "Quote it once for the shell, as in --command '{\"do\":\"…\"}'.",
            )
        });
    }
    let Some(verb) = &args.command else {
        return Ok(None);
    };
    let mut object = Map::new();
    object.insert("do".into(), Value::String(verb.clone()));
    for field in &args.fields {
        let Some((name, value)) = field.split_once('=') else {
            return Err(Failure::usage(
                format!("`{field}` is not name=value"),
                "Write fields as task=T-1, with quotes where a value has blanks.",
            ));
        };
        put(&mut object, name, value_of(value));
    }
    Ok(Some(Value::Object(object)))
}

/// `select.area=…` fills a field within a field.
fn put(object: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        Some((outer, inner)) => {
            let entry = object
                .entry(outer)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(entry) = entry {
                put(entry, inner, value);
            }
        }
        None => drop(object.insert(name.to_owned(), value)),
    }
}

/// Text stays text, and a field that is no text reads its own; JSON objects and lists are read.
fn value_of(text: &str) -> Value {
    if text.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        return value;
    }
    Value::String(text.to_owned())
}

fn list(json: bool) {
    let verbs = Command::verbs();
    if json {
        let all: Map<String, Value> = verbs
            .iter()
            .map(|(verb, fields)| ((*verb).to_owned(), serde_json::json!(fields)))
            .collect();
        println!("{}", Value::Object(all));
        return;
    }
    crate::show::out(&format!("{}\n", crate::help::commands()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_the_json_of_a_command() {
        let args = WishArgs {
            help: false,
            schema: false,
            command: Some("dispatch.issue_batch".into()),
            fields: [
                "name=Sweep of spring",
                "select.area=420902",
                "window=5wd",
                "round=2",
            ]
            .map(String::from)
            .to_vec(),
            person: None,
            whole: None,
            id: None,
        };
        let json = command_json(&args).unwrap().unwrap();
        let command = Command::parse(json).unwrap();
        assert_eq!(command.verb(), "dispatch.issue_batch");
    }

    #[test]
    fn a_code_of_digits_stays_text_and_so_does_a_note_that_looks_like_a_span() {
        assert_eq!(value_of("420902"), Value::String("420902".into()));
        assert_eq!(value_of("5wd"), Value::String("5wd".into()));
    }
}
