//! Tests of the derives on types given as text: their output, and what they refuse.

use proc_macro2::TokenStream;
use syn::{DeriveInput, Result};

use crate::mentions::mentions;
use crate::{kinds, read, verbs};

type Written = fn(&DeriveInput) -> Result<TokenStream>;

const EVENTS: &str = r#"#[serde(tag = "type")]"#;
const COMMANDS: &str = r#"#[serde(tag = "do", deny_unknown_fields)]"#;

fn parsed(head: &str, body: &str) -> DeriveInput {
    let source = format!("{head} pub enum Word {{ {body} }}");
    syn::parse_str(&source).unwrap_or_else(|why| panic!("{source}: {why}"))
}

/// What is written for an enum, without blanks.
fn written(how: Written, head: &str, body: &str) -> String {
    let tokens = how(&parsed(head, body)).unwrap_or_else(|why| panic!("{body}: {why}"));
    tokens.to_string().split_whitespace().collect()
}

/// Everything that is said against an enum.
fn refused(how: Written, head: &str, body: &str) -> Vec<String> {
    let why = how(&parsed(head, body)).expect_err(body);
    why.into_iter().map(|one| one.to_string()).collect()
}

/// The one thing that is said against variants, by both derives.
fn wrong(body: &str) -> String {
    let (event, command) = (refused(kinds, EVENTS, body), refused(verbs, COMMANDS, body));
    assert_eq!(event, command, "{body}");
    assert_eq!(event.len(), 1, "{body}: {event:?}");
    event.concat()
}

/// What is read of a field.
fn read_of(field: &str) -> read::FieldSyntax {
    let body = format!(r#"#[serde(rename = "thing.begin")] Begin {{ {field} }}"#);
    let input = parsed(EVENTS, &body);
    let mut variants = read::variants(&input, r#"tag = "type""#).expect(field);
    variants.remove(0).fields.remove(0)
}

#[test]
fn the_kinds_of_events_are_the_names_on_the_wire_in_the_order_of_the_enum() {
    let text = written(
        kinds,
        EVENTS,
        r#"/// Something began.
        #[serde(rename = "thing.begun")] Begun { thing: String, by: Option<String> },
        #[serde(rename = "thing.ended")] Ended {},
        #[serde(rename = "thing.a")] Forgotten,"#,
    );
    for part in [
        r#"KINDS:&'static[&'staticstr]=&["thing.begun","thing.ended","thing.a"];"#,
        r#"Self::Begun{..}=>"thing.begun","#,
        r#"Self::Ended{..}=>"thing.ended","#,
        r#"Self::Forgotten{..}=>"thing.a""#,
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_verbs_of_commands_stand_with_their_fields() {
    let text = written(
        verbs,
        COMMANDS,
        r#"#[serde(rename = "thing.begin")] Begin { thing: String, r#as: u32 },
        #[serde(rename = "thing.end")] End {},
        #[serde(rename = "thing.a")] Forget,"#,
    );
    for part in [
        r#"=&[("thing.begin",&["thing","as"]),("thing.end",&[]),("thing.a",&[])];"#,
        r#"=&[("thing.begin",&[crate::wire::Field{name:"thing","#,
        r#"}]),("thing.end",&[]),("thing.a",&[])];"#,
        r#"Self::Begin{..}=>"thing.begin","#,
        r#"Self::End{..}=>"thing.end","#,
        r#"Self::Forget{..}=>"thing.a""#,
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_form_tells_of_a_field_what_the_source_says_of_it() {
    let text = written(
        verbs,
        COMMANDS,
        r#"#[serde(rename = "thing.begin")] Begin {
            /// In seconds.
            #[serde(default)] wait: u32
        }"#,
    );
    let form = r#"crate::wire::Field{name:"wait",kind:"u32",optional:true,doc:"Inseconds."}"#;
    assert!(text.contains(form), "{text}");
}

#[test]
fn a_type_is_kept_as_the_source_has_it() {
    for kind in [
        "TaskId",
        "Option<TaskId>",
        "crate::subject::Kind",
        "BTreeMap<String, (u64, Vec<String>)>",
    ] {
        assert_eq!(read_of(&format!("a: {kind}")).kind, kind);
    }
}

#[test]
fn what_has_a_default_or_is_an_option_may_be_left_out() {
    for field in [
        "a: Option<TaskId>",
        "#[serde(default)] a: u32",
        r#"#[serde(default = "five")] a: u32"#,
        r#"#[serde(default, deserialize_with = "lenient::list")] a: Vec<String>"#,
    ] {
        assert!(read_of(field).optional, "{field}");
    }
    for field in [
        "a: Vec<String>",
        r#"#[serde(deserialize_with = "lenient::default")] a: u32"#,
        "/// Its default is nothing.\n a: u32",
    ] {
        assert!(!read_of(field).optional, "{field}");
    }
}

#[test]
fn the_lines_of_a_documentation_are_joined() {
    assert_eq!(read_of("a: u32").doc, "");
    assert_eq!(
        read_of("/// As it\n///\n/// stands.\n a: u32").doc,
        "As it stands."
    );
}

#[test]
fn a_variant_without_a_name_of_its_own_on_the_wire_is_refused() {
    let why = wrong("Begun { thing: String }");
    assert!(
        why.starts_with("`Begun` needs its name on the wire"),
        "{why}"
    );
    for name in ["begun", ".begun", "thing.", ""] {
        let why = wrong(&format!(r#"#[serde(rename = "{name}")] Begun"#));
        assert!(
            why.starts_with(&format!("`{name}` is no name on the wire")),
            "{why}"
        );
    }
    let twice = r#"#[serde(rename = "thing.begun")] Begun,
        #[serde(rename = "thing.begun")] Started"#;
    assert_eq!(
        wrong(twice),
        "two variants are named `thing.begun` on the wire"
    );
}

#[test]
fn whatever_else_serde_is_told_of_a_variant_is_refused() {
    for told in [
        r#"rename = "thing.begun", alias = "thing.started""#,
        r#"rename_all = "camelCase", rename = "thing.begun""#,
        r#"rename(serialize = "thing.begun")"#,
        "skip",
    ] {
        let why = wrong(&format!("#[serde({told})] Begun {{}}"));
        assert!(
            why.starts_with("a variant takes `rename ="),
            "{told}: {why}"
        );
    }
}

#[test]
fn a_field_that_is_not_on_the_wire_under_a_name_of_its_own_is_refused() {
    for (told, word) in [
        (r#"rename = "other""#, "rename"),
        (r#"default, alias = "other""#, "alias"),
        ("flatten", "flatten"),
        ("skip", "skip"),
        ("skip_serializing", "skip_serializing"),
        ("default, skip_deserializing", "skip_deserializing"),
    ] {
        let body = format!("Begun {{ #[serde({told})] a: u32 }}");
        let why = wrong(&format!(r#"#[serde(rename = "thing.begun")] {body}"#));
        assert!(why.ends_with(&format!("no `{word}`")), "{told}: {why}");
    }
    let why = wrong(r#"#[serde(rename = "thing.begun")] Begun(String)"#);
    assert!(
        why.starts_with("the fields of a variant have names"),
        "{why}"
    );
}

#[test]
fn an_enum_that_is_tagged_otherwise_is_refused() {
    let body = r#"#[serde(rename = "thing.begun")] Begun"#;
    for head in [
        "",
        COMMANDS,
        r#"#[serde(tag = "kind")]"#,
        r#"#[serde(tag = "type", rename_all_fields = "camelCase")]"#,
    ] {
        let why = refused(kinds, head, body);
        assert_eq!(
            why,
            [format!("this needs `{EVENTS}` and nothing else")],
            "{head}"
        );
    }
    for head in ["", EVENTS, r#"#[serde(tag = "do")]"#] {
        let why = refused(verbs, head, body);
        assert_eq!(
            why,
            [format!("this needs `{COMMANDS}` and nothing else")],
            "{head}"
        );
    }
    let record = syn::parse_str("struct Record { a: u32 }").expect("a struct");
    let why = kinds(&record).expect_err("a struct").to_string();
    assert_eq!(why, "only an enum has names on the wire");
}

#[test]
fn every_mistake_is_named_at_once() {
    let body = r#"Begun, #[serde(rename = "ended")] Ended,
        #[serde(rename = "thing.told")] Told { #[serde(flatten)] a: u32, #[serde(skip)] b: u32 }"#;
    assert_eq!(refused(kinds, EVENTS, body).len(), 4);
}

#[test]
fn every_field_says_what_it_names_and_its_type_knows_that() {
    let text = written(
        mentions,
        EVENTS,
        r#"#[serde(rename = "thing.begun")] Begun {
            #[mentions(new)] thing: ThingId, r#as: Option<PersonId>, sealed_until: Option<Timestamp>
        },
        #[serde(rename = "thing.ended")] Ended,"#,
    );
    for part in [
        "Self::Begun{thing:field_0,r#as:field_1,sealed_until:field_2}=>{",
        r#"crate::mention::field(field_0,"thing",true,each);"#,
        r#"crate::mention::field(field_1,"as",false,each);"#,
        "crate::mention::seal(*field_2,each);",
        "Self::Ended{}=>{}",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("part"), "an event is no part of one: {text}");
}

#[test]
fn what_a_struct_names_is_a_part_of_the_event_that_holds_it() {
    let record = syn::parse_str("struct Record(u32, ThingId);").expect("a struct");
    let text = mentions(&record).expect("a struct").to_string();
    let text: String = text.split_whitespace().collect();
    for part in [
        "leteach=&mutcrate::mention::part(each);",
        "Self{0:field_0,1:field_1}=>{",
        r#"crate::mention::field(field_1,"1",false,each);"#,
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn whatever_else_is_told_of_what_a_field_names_is_refused() {
    let body = r#"#[serde(rename = "thing.begun")] Begun { #[mentions(old)] thing: ThingId }"#;
    assert_eq!(
        refused(mentions, EVENTS, body),
        ["a field takes `new` and nothing else"]
    );
}
