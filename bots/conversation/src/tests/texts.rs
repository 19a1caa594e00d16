//! Everything the code of the cards says is written in both languages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use picket_schemas::Refusal;
use picket_schemas::escalation::ClockKind;
use picket_schemas::figures::FIGURES;

use crate::forms::{Ask, FormKind, OpenForm};
use crate::{Language, Texts};

/// The code of a folder without its tests and its comments.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tests") {
                sources(&path, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            source(&path, into);
        }
    }
}

fn source(path: &Path, into: &mut String) {
    let text = fs::read_to_string(path).expect("a source");
    for line in text.lines() {
        if !line.trim_start().starts_with("//") {
            into.push_str(line);
            into.push('\n');
        }
    }
}

/// Every literal that has the form of a key and begins like one.
fn keys_in_code() -> BTreeSet<String> {
    let mut code = String::new();
    sources(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut code,
    );
    let prefixes = [
        "do-",
        "label-",
        "bad-",
        "done-",
        "help-",
        "notice-head-",
        "step-",
        "lead-",
        "row-",
        "rows-",
        "summary-",
        "task-",
        "order-",
        "inbox-title",
        "finding-",
        "span-",
        "length-",
        "deadline-",
        "form-",
        "bulletin-",
        "batch-",
    ];
    let formed = |literal: &str| {
        literal.len() > 2
            && literal
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !literal.ends_with('-')
    };
    let called = |call| code.split(call).skip(1).filter_map(first_literal);
    // Intents are given arguments in the same words; a text is given its values.
    let given = called("with(").filter(|(_, behind)| {
        let next = behind.strip_prefix(',').unwrap_or_default();
        next.trim_start().starts_with("&[")
    });
    let said = called("say(").chain(called("toast(")).chain(given);
    let said = said.map(|(literal, _)| literal);
    let like_one = code
        .lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|literal| prefixes.iter().any(|prefix| literal.starts_with(prefix)));
    said.chain(like_one)
        .filter(|literal| formed(literal) && !literal.starts_with("batch-routine"))
        .map(str::to_owned)
        .collect()
}

/// The literal the arguments of a call begin with, and what stands behind it, on whichever lines they stand.
fn first_literal(arguments: &str) -> Option<(&str, &str)> {
    arguments.trim_start().strip_prefix('"')?.split_once('"')
}

/// The literals among the arguments of whatever is called by a name that begins so, on whichever lines they stand.
fn literals_given_to<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    let mut literals = Vec::new();
    let behind = code.split(name).skip(1);
    let calls = behind
        .map(|rest| rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
        .filter(|rest| rest.starts_with('('));
    for arguments in calls {
        let mut open = 0_i32;
        for (n, part) in arguments.split('"').enumerate() {
            if n % 2 == 1 {
                literals.push(part);
                continue;
            }
            let mut closed = false;
            for c in part.chars() {
                open += match c {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                closed |= open <= 0;
            }
            if closed {
                break;
            }
        }
    }
    literals
}

#[test]
fn every_text_the_code_says_is_written() {
    let keys = keys_in_code();
    assert!(keys.len() > 150, "the code says {} things", keys.len());
    let suggestions = ["batch-special", "batch-holiday", "batch-look-back"];
    for language in [Language::Zh, Language::En] {
        let missing: Vec<_> = keys
            .iter()
            .filter(|key| {
                !suggestions.contains(&key.as_str())
                    && FormKind::ALL
                        .iter()
                        .all(|kind| kind.as_str() != key.as_str())
            })
            .filter(|key| !Texts::of(language).has(key))
            .collect();
        assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
    }
}

/// Events that a timeline can show. The registry's, courier's and the keeper's own are part of none, nor are
/// drafts, nor what escalation notes for itself.
fn told_kinds() -> Vec<&'static str> {
    let unseen = [
        "draft.kept",
        "draft.dropped",
        "notices.held",
        "notices.released",
        "matter.opened",
        "matter.held",
        "matter.closed",
    ];
    picket_schemas::event::kinds()
        .into_iter()
        .filter(|(service, kind)| {
            !matches!(*service, "registry" | "courier" | "keeper")
                && !unseen.contains(kind)
                && !kind.starts_with("schedule.")
        })
        .map(|(_, kind)| kind)
        .collect()
}

#[test]
fn every_value_of_the_trade_has_a_word() {
    let mut wanted: Vec<(&str, String)> = Vec::new();
    let mut want = |kind: &'static str, values: &[&str]| {
        wanted.extend(values.iter().map(|value| (kind, (*value).to_owned())))
    };
    want(
        "state",
        &[
            "issued",
            "accepted",
            "submitted",
            "returned",
            "approved",
            "cancelled",
        ],
    );
    want(
        "leadstate",
        &[
            "opened",
            "classified",
            "routed",
            "verified",
            "case",
            "merged",
            "archived",
        ],
    );
    want("casestate", &["filed", "ordered", "cleared"]);
    want("orderstate", &["issued", "served", "reported", "cleared"]);
    want(
        "outcome",
        &crate::cards::sheet::OUTCOMES.map(crate::cards::sheet::wire),
    );
    want("channel", &["telegram", "terminal"]);
    want(
        "verdict",
        &["substantiated", "partly", "not", "undeterminable"],
    );
    want(
        "source",
        &[
            "row",
            "place",
            "hotline",
            "letter",
            "platform",
            "parent",
            "department",
            "other",
        ],
    );
    want(
        "act",
        &picket_schemas::Command::verbs()
            .iter()
            .map(|(verb, _)| *verb)
            .collect::<Vec<_>>(),
    );
    want(
        "role",
        &[
            "sentinel",
            "post_leader",
            "street",
            "coordinator",
            "dispatcher",
            "inspector",
            "head",
            "verifier",
            "supervisor",
            "owner",
            "clerk",
            "approver",
            "overseer",
            "operator",
            "group",
        ],
    );
    want("code", &crate::codes::CATALOGUE);
    want("clock", &ClockKind::ALL.map(ClockKind::as_str));
    want(
        "figure",
        &FIGURES.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
    );
    want("level", &["B0", "B1", "B2", "B3", "B4", "B5", "B6"]);
    want(
        "inbox",
        &[
            "offer",
            "task",
            "review",
            "unassigned",
            "triage",
            "lead",
            "case",
            "verify",
            "step",
            "proposal",
        ],
    );
    want(
        "board",
        &["unassigned", "late", "silent", "accepted", "submitted"],
    );
    want("result", &["held", "relapsed"]);
    want("document", &["notice", "public_notice"]);
    want("told", &told_kinds());
    want(
        "delivery",
        &[
            "queued",
            "handed",
            "sent",
            "failed",
            "suppressed",
            "unknown",
        ],
    );
    for (kind, value) in wanted {
        for language in [Language::Zh, Language::En] {
            assert!(
                Texts::of(language).has(&format!("{kind}-{}", value.replace('.', "-"))),
                "{kind} {value} in {language:?}"
            );
        }
    }
}

#[test]
fn every_reason_for_which_courier_withholds_a_notice_is_said_in_the_readers_language() {
    let mut code = String::new();
    sources(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../services/courier/src"),
        &mut code,
    );
    let given = ["withdraw", "suppressed"].map(|name| literals_given_to(&code, name));
    let lines = code
        .lines()
        .filter(|line| line.contains("sealed until") || line.contains("WHY: &str"))
        .flat_map(|line| line.split('"').skip(1).step_by(2));
    let reasons: BTreeSet<_> = given
        .into_iter()
        .flatten()
        .chain(lines)
        .filter(|literal| literal.contains(' '))
        .collect();
    assert!(reasons.len() > 25, "{reasons:?}");
    all_said(reasons);
}

#[test]
fn every_reason_of_picket_itself_for_which_a_notice_did_not_go_is_said_in_the_readers_language() {
    let mut code = String::new();
    for source_file in [
        "../../services/node/src/delivery.rs",
        "../telegram/src/notices.rs",
        "../telegram/src/groups.rs",
    ] {
        source(
            &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(source_file),
            &mut code,
        );
    }
    // What goes on in the words of a platform stands as it does.
    let given = ["Outcome::of", "Carried::"].map(|name| literals_given_to(&code, name));
    let reasons: BTreeSet<_> = given
        .into_iter()
        .flatten()
        .filter(|literal| literal.contains(' ') && !literal.contains('{'))
        .collect();
    assert!(reasons.len() >= 8, "{reasons:?}");
    all_said(reasons);
}

fn all_said(reasons: BTreeSet<&str>) {
    for reason in reasons {
        let key = format!(
            "why-{}",
            reason
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join("-")
        );
        assert!(
            [Language::Zh, Language::En]
                .iter()
                .all(|language| Texts::of(*language).has(&key)),
            "`{reason}` wants `{key}`"
        );
    }
}

#[test]
fn every_form_has_its_title_its_questions_and_what_is_said_when_it_is_sent() {
    for kind in FormKind::ALL {
        for joint in ["true", "false"] {
            let form = OpenForm::new(*kind, "420902", "X-1", 1).set("joint", joint);
            for language in [Language::Zh, Language::En] {
                let words = Texts::of(language);
                assert!(words.has(&format!("form-{}", kind.as_str())), "{kind:?}");
                assert!(words.has(&format!("sent-{}", kind.as_str())), "{kind:?}");
                for field in form.fields() {
                    assert!(
                        words.has(&format!("ask-{}", field.key))
                            && words.has(&format!("field-{}", field.key)),
                        "{kind:?} {}",
                        field.key
                    );
                    match field.ask {
                        Ask::Suggest(keys) => assert!(
                            keys.iter().all(|key| words.has(&format!("suggest-{key}"))),
                            "{kind:?} {keys:?}"
                        ),
                        Ask::Choice(values) => assert!(
                            values
                                .iter()
                                .all(|value| words.has(&format!("{}-{value}", field.key))),
                            "{kind:?} {values:?}"
                        ),
                        _ => {}
                    }
                }
            }
        }
    }
}

#[test]
fn the_frequent_refusals_are_said_kindly() {
    for code in [
        "not_yours",
        "already",
        "wrong_state",
        "rows_open",
        "not_allowed",
        "same_person",
        "promise_too_far",
        "busy",
        "outcome_unknown",
        "order_incomplete",
        "no_route",
        "reason_needed",
        "not_certified",
        "unknown",
    ] {
        assert!(Refusal::CODES.contains(&code), "{code} is a refusal");
        assert!(
            Texts::of(Language::Zh).has(&format!("problem-{code}"))
                && Texts::of(Language::En).has(&format!("problem-{code}")),
            "{code}"
        );
    }
}

#[test]
fn a_refusal_says_in_the_persons_words_what_was_tried() {
    let said = |refusal: Refusal, verb: &str, language: Language| {
        let problem = refusal.problem_of(verb);
        Texts::of(language).refusal(&problem, problem.title.clone())
    };
    let not_yours = || Refusal::NotYours { what: "T-1".into() };
    assert_eq!(
        said(not_yours(), "dispatch.accept_task", Language::Zh),
        "抱歉，不能接单：这不是交给您的。"
    );
    assert_eq!(
        said(not_yours(), "dispatch.accept_task", Language::En),
        "Sorry, this was not given to you. (cannot accept the task: T-1 is not yours)"
    );
    let problem = not_yours().problem();
    assert_eq!(
        Texts::of(Language::Zh).refusal(&problem, problem.title.clone()),
        "抱歉，不能这样做：这不是交给您的。",
        "a refusal of nothing in particular has its sentence too"
    );
}
