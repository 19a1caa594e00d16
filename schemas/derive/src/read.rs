//! Reads an enum of the wire: the name of each variant and what stands at its fields.
//!
//! Used by both derives. It refuses what would let a name on the wire differ from the one that is
//! read here. It does not know what is written with it.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Fields, Ident, Lit, LitStr, Meta, Result, Token,
};

/// What serde may be told of a field only where the name on the wire is another one, or there is none.
const RENAMING: &[&str] = &[
    "rename",
    "alias",
    "flatten",
    "skip",
    "skip_serializing",
    "skip_deserializing",
];

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) wire: LitStr,
    pub(crate) fields: Vec<FieldSyntax>,
}

pub(crate) struct FieldSyntax {
    pub(crate) name: String,
    /// The type as the source has it, with a blank behind each comma and no other.
    pub(crate) kind: String,
    /// Whether it may be left out.
    pub(crate) optional: bool,
    /// The lines of its documentation, joined.
    pub(crate) doc: String,
}

/// The variants of an enum for which serde is told exactly `tagging`; every mistake is named at once.
pub(crate) fn variants<'a>(input: &'a DeriveInput, tagging: &str) -> Result<Vec<Variant<'a>>> {
    let Data::Enum(body) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "only an enum has names on the wire",
        ));
    };
    let told: Vec<_> = serde(&input.attrs)?.iter().map(plain).collect();
    if told.join(",") != tagging.replace(' ', "") {
        let why = format!("this needs `#[serde({tagging})]` and nothing else");
        return Err(Error::new(input.ident.span(), why));
    }
    let mut known = BTreeSet::new();
    all(body.variants.iter().map(|variant| {
        let wire = wire(variant)?;
        if !known.insert(wire.value()) {
            let why = format!("two variants are named `{}` on the wire", wire.value());
            return Err(Error::new(wire.span(), why));
        }
        let fields = match &variant.fields {
            Fields::Named(named) => all(named.named.iter().map(field))?,
            Fields::Unit => Vec::new(),
            Fields::Unnamed(tuple) => {
                let why = "the fields of a variant have names: they are the keys on the wire";
                return Err(Error::new_spanned(tuple, why));
            }
        };
        Ok(Variant {
            ident: &variant.ident,
            wire,
            fields,
        })
    }))
}

/// The name a variant has on the wire.
fn wire(variant: &syn::Variant) -> Result<LitStr> {
    let mut wire = None;
    for told in serde(&variant.attrs)? {
        wire = match (literal(&told), told.path().is_ident("rename")) {
            (Some(name), true) => Some(name.clone()),
            _ => {
                let why = "a variant takes `rename = \"some.name\"` and nothing else";
                return Err(Error::new_spanned(told, why));
            }
        };
    }
    let Some(wire) = wire else {
        let why = format!(
            "`{}` needs its name on the wire: `#[serde(rename = \"some.name\")]`",
            variant.ident
        );
        return Err(Error::new(variant.ident.span(), why));
    };
    match wire.value().split_once('.') {
        Some((before, after)) if !before.is_empty() && !after.is_empty() => Ok(wire),
        _ => {
            let why = format!(
                "`{}` is no name on the wire: it needs a dot within",
                wire.value()
            );
            Err(Error::new(wire.span(), why))
        }
    }
}

fn field(field: &syn::Field) -> Result<FieldSyntax> {
    let told = serde(&field.attrs)?;
    let is = |meta: &&Meta, word: &str| meta.path().is_ident(word);
    for word in RENAMING {
        if let Some(meta) = told.iter().find(|meta| is(meta, word)) {
            let why = format!("a field is on the wire under its own name: no `{word}`");
            return Err(Error::new_spanned(meta, why));
        }
    }
    let kind = plain(&field.ty).replace(',', ", ");
    Ok(FieldSyntax {
        name: field
            .ident
            .as_ref()
            .map(|ident| ident.unraw().to_string())
            .unwrap_or_default(),
        optional: told.iter().any(|meta| is(&meta, "default")) || kind.starts_with("Option"),
        kind,
        doc: doc(&field.attrs),
    })
}

/// What serde is told, in the order of the source.
fn serde(attributes: &[Attribute]) -> Result<Vec<Meta>> {
    let mut told = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        told.extend(attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?);
    }
    Ok(told)
}

/// The text behind `=`, if there is one.
fn literal(meta: &Meta) -> Option<&LitStr> {
    let Meta::NameValue(pair) = meta else {
        return None;
    };
    match &pair.value {
        Expr::Lit(value) => match &value.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| literal(&attribute.meta))
        .map(|line| line.value().trim().to_owned());
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The source without blanks.
fn plain(tokens: &impl ToTokens) -> String {
    tokens
        .to_token_stream()
        .to_string()
        .split_whitespace()
        .collect()
}

/// Everything, or all that is wrong.
fn all<T>(results: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut good = Vec::new();
    let mut wrong: Option<Error> = None;
    for result in results {
        match (result, &mut wrong) {
            (Ok(one), _) => good.push(one),
            (Err(why), Some(before)) => before.combine(why),
            (Err(why), None) => wrong = Some(why),
        }
    }
    wrong.map_or(Ok(good), Err)
}
