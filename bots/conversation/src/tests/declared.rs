//! Completeness of declared forms: their texts, their fields and their commands.

use std::collections::BTreeSet;

use picket_schemas::Field;
use picket_schemas::declared::{Ask, Asked, Button, Thing};

use super::world::Phone;
use crate::forms::{self, FormKind, OpenForm};
use crate::intent::{Intent, IntentVerb};
use crate::session::Input;
use crate::session::lead::GIVEN;
use crate::{Language, Texts, data};

/// Gaps in one form.
fn missing(kind: FormKind) -> Vec<String> {
    let mut missing = wanting_words(kind);
    missing.extend(wanting_fields(kind));
    missing.extend(wanting_button(kind));
    missing.extend(wanting_command(kind));
    missing
}

fn wanting_words(kind: FormKind) -> Vec<String> {
    let name = kind.as_str();
    let mut keys = vec![
        format!("form-{name}"),
        format!("sent-{name}"),
        format!("act-{}", kind.verb().replace('.', "-")),
    ];
    if let Some(Button::Listed { .. }) = kind.form().card.map(|card| card.button) {
        keys.extend(kind.buttons().into_iter().map(|(key, _)| key));
    }
    for asked in kind.form().asks {
        keys.push(format!("field-{}", asked.key));
        match asked.ask {
            Ask::Suggest(suggested) => {
                keys.extend(suggested.iter().map(|key| format!("suggest-{key}")))
            }
            Ask::Choice(values) => {
                keys.extend(values.iter().map(|value| format!("{}-{value}", asked.key)))
            }
            _ => {}
        }
    }
    let mut missing = Vec::new();
    for language in [Language::Zh, Language::En] {
        let has = |key: &String| Texts::of(language).has(key);
        let absent = keys.iter().filter(|key| !has(key));
        missing.extend(absent.map(|key| format!("{} lacks {key}", language.as_str())));
        for asked in kind.form().asks {
            let either = [
                format!("ask-{name}-{}", asked.key),
                format!("ask-{}", asked.key),
            ];
            if !either.iter().any(has) {
                let keys = either.join(" or ");
                missing.push(format!("{} lacks {keys}", language.as_str()));
            }
        }
    }
    missing
}

/// The fields of the command against those that are filled, by whatever fills them.
fn wanting_fields(kind: FormKind) -> Vec<String> {
    let form = kind.form();
    let outer = |field: &'static str| field.split('.').next().unwrap_or(field);
    let mut filled: BTreeSet<_> = form.answers().flat_map(Asked::fields).map(outer).collect();
    filled.extend(form.preset.iter().map(|(field, _)| outer(field)));
    filled.extend(form.card.and_then(|card| card.names));
    let known = |name: &&str| kind.fields().iter().any(|field| field.name == *name);
    let strange = filled
        .iter()
        .filter(|name| !known(name))
        .map(|name| format!("the command has no field {name}"));
    let needed = |field: &&Field| !field.is_optional() && !filled.contains(field.name);
    let unfilled = kind
        .fields()
        .iter()
        .filter(needed)
        .map(|field| format!("nothing fills {}, which the command needs", field.name));
    let given = form.given.iter().map(|asked| asked.key);
    let ungiven = given
        .filter(|key| kind.thing() != Some(Thing::Lead) || !GIVEN.contains(key))
        .map(|key| format!("no card gives {key}"));
    strange.chain(unfilled).chain(ungiven).collect()
}

/// A button behind which the form is found again, at its longest.
fn wanting_button(kind: FormKind) -> Option<String> {
    let answers = kind.buttons();
    let mut answers = answers.iter().map(|(_, answer)| *answer);
    answers.find_map(|answer| {
        let intent = kind.opener("420902/T-9999999", answer).at(u32::MAX.into());
        let read = data::read(&data::write(&intent));
        let opened = read.as_ref().and_then(FormKind::opened);
        (opened != Some((kind, answer))).then(|| format!("its button opens {read:?}"))
    })
}

/// Answered to its end it is a command, whichever way the answers lead.
fn wanting_command(kind: FormKind) -> Vec<String> {
    let mut missing = Vec::new();
    for (_, pressed) in kind.buttons() {
        let about = if kind.thing().is_some() { "X-1" } else { "" };
        let form = OpenForm::new(kind, "420902", about, 1);
        let Some((mut form, _)) = form.opened_with(pressed) else {
            missing.push(format!("its own button {pressed:?} does not open it"));
            continue;
        };
        for asked in kind.form().given {
            form = form.set(asked.key, sample(asked));
        }
        for optional in [false, true] {
            let mut form = form.clone();
            while let Some(asked) = form.current() {
                if !asked.optional || optional {
                    form = form.set(asked.key, sample(&asked));
                }
                form.forward();
            }
            match forms::command(&form) {
                Some(sent) if sent.command.verb() == kind.verb() => {}
                _ => missing.push(format!("no command: {:?}", form.values)),
            }
        }
    }
    missing
}

fn sample(asked: &Asked) -> &'static str {
    match asked.ask {
        Ask::Text | Ask::Suggest(_) | Ask::Offered => "words",
        Ask::Choice(values) => values[0],
        Ask::Id => "L-3",
        Ask::Codes => "H1;F2",
        Ask::Area => "420902003004",
        Ask::Person(_) => "420902/P-0017",
        Ask::People(_) => "420902/P-0017;420902/P-0018",
        Ask::Department => "edu",
        Ask::Departments => "edu;mkt",
        Ask::Money => "120050",
        Ask::Span(_) => "3wd",
        Ask::Promise => "2026-10-09T09:00:00Z",
        Ask::Day => "2026-10-09",
        Ask::YesNo => "true",
    }
}

#[test]
fn nothing_is_missing_for_any_form_that_is_declared() {
    let missing: Vec<_> = FormKind::all()
        .flat_map(|kind| {
            let of = move |what| format!("{} ({}): {what}", kind.as_str(), kind.verb());
            missing(kind).into_iter().map(of)
        })
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_form_has_a_name_of_its_own_and_a_word_that_is_read() {
    let mut known = BTreeSet::new();
    for kind in FormKind::all() {
        let name = kind.as_str();
        let formed = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        assert!(formed && known.insert(name), "{name}");
        if let Some(word) = kind.form().word {
            let verb = IntentVerb::parse(word).expect("a word of a button");
            assert_eq!(FormKind::behind(verb), Some(kind), "{name}: {word}");
        }
    }
    assert!(
        FormKind::ALL
            .iter()
            .all(|kind| known.contains(kind.as_str()))
    );
}

#[test]
fn a_form_without_a_word_of_its_own_is_opened_by_its_name() {
    let pressed = Intent::new(IntentVerb::Form, "Z-1").with("fail.now");
    assert_eq!(FormKind::opened(&pressed), Some((FormKind::Fail, "now")));
    let typed = Intent::new(IntentVerb::Form, "Z-1").with("fail still in lessons. Twice");
    assert_eq!(
        FormKind::opened(&typed),
        Some((FormKind::Fail, "still in lessons. Twice"))
    );
    assert_eq!(
        FormKind::opened(&Intent::new(IntentVerb::Form, "Z-1").with("no-form")),
        None
    );
    assert_eq!(
        FormKind::opened(&Intent::new(IntentVerb::Form, "Z-1")),
        None
    );
}

#[test]
fn a_batch_is_cancelled_by_a_form_that_is_nowhere_but_declared() {
    let mut phone = Phone::of("P-0001", &["coordinator"]);
    phone.say("/batch B-12");
    assert_eq!(phone.button("撤销批次"), "1:form:B-12#cancel-batch:3");
    phone.press("撤销批次");
    phone.press("名单有误");
    let text = crate::render_plain(phone.card(), 80);
    assert!(
        phone.sent.is_empty() && text.contains("名单有误") && text.contains("不能撤回"),
        "{text}"
    );
    phone.reopen();
    phone.press("接着填");
    phone.press("确认");
    assert_eq!(
        phone.last(),
        serde_json::json!({"do": "dispatch.cancel_batch", "batch": "B-12", "reason": "名单有误"})
    );
    assert!(
        phone
            .toasts
            .iter()
            .any(|said| said.starts_with("B-12 已撤销"))
    );
    assert!(
        phone.card().key.starts_with("batch/"),
        "{}",
        phone.card().key
    );
    phone.say("/cancel-batch B-12 上级要求");
    phone.press("确认");
    assert_eq!(phone.last()["reason"], "上级要求");
    phone.say("/cancel-batch");
    assert_eq!(phone.toast(), "/cancel-batch 后面要写编号。");
    let mut dispatcher = Phone::of("P-0020", &["dispatcher"]);
    dispatcher.say("/batch B-12");
    let mut buttons = dispatcher.card().buttons();
    assert!(buttons.all(|action| !action.label.contains("撤销")));
}

#[test]
fn a_batch_is_not_cancelled_from_a_card_that_is_older_than_it_is() {
    let mut phone = Phone::of("P-0001", &["coordinator"]);
    phone.say("/batch B-12");
    let older = phone.button("撤销批次").replace("batch:3", "batch:2");
    phone.give(Input::Press(older));
    assert_eq!(phone.toast(), "卡片已更新，请再看一次。");
    assert!(phone.card().key.starts_with("batch/"));
}
