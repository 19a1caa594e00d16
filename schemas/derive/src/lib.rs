//! Three derives: the names of events and commands on the wire, what is known of a command's field, and what an event's
//! fields name.
//!
//! The names are those serde uses, `#[serde(rename = "batch.confirmed")]`, and each is a literal on
//! purpose: a renamed Rust variant must never rename what is stored. Only `picket-schemas` uses it:
//! what is written here names that crate's `wire::Field` and `mention`. It knows attributes and the text of types,
//! not what any of them means.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

mod mentions;
mod read;

#[cfg(test)]
mod tests;

/// Gives an enum of events, `#[serde(tag = "type")]`, its `KINDS` and `kind()`.
#[proc_macro_derive(EventKinds, attributes(serde))]
pub fn event_kinds(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input, kinds)
}

/// Gives an enum of commands, `#[serde(tag = "do", deny_unknown_fields)]`, its `VERBS`, `FORMS` and `verb()`.
#[proc_macro_derive(CommandVerbs, attributes(serde))]
pub fn command_verbs(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input, verbs)
}

/// Says of an event, or of what one holds, what it names, by the types of its fields.
#[proc_macro_derive(Mentions, attributes(mentions))]
pub fn mentioned(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input, mentions::mentions)
}

fn expand(
    input: proc_macro::TokenStream,
    written: fn(&DeriveInput) -> Result<TokenStream>,
) -> proc_macro::TokenStream {
    syn::parse(input)
        .and_then(|input| written(&input))
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

fn kinds(input: &DeriveInput) -> Result<TokenStream> {
    let variants = read::variants(input, r#"tag = "type""#)?;
    let name = &input.ident;
    let of = variants.iter().map(|variant| variant.ident);
    let wires: Vec<_> = variants.iter().map(|variant| &variant.wire).collect();
    Ok(quote! {
        impl #name {
            /// Every name on the wire, in the order of the enum.
            pub const KINDS: &'static [&'static str] = &[#(#wires),*];

            /// The name on the wire.
            pub fn kind(&self) -> &'static str {
                match self { #(Self::#of { .. } => #wires),* }
            }
        }
    })
}

fn verbs(input: &DeriveInput) -> Result<TokenStream> {
    let variants = read::variants(input, r#"tag = "do", deny_unknown_fields"#)?;
    let name = &input.ident;
    let of = variants.iter().map(|variant| variant.ident);
    let wires: Vec<_> = variants.iter().map(|variant| &variant.wire).collect();
    let names = variants.iter().map(|variant| {
        let names = variant.fields.iter().map(|field| &field.name);
        quote!(&[#(#names),*])
    });
    let forms = variants.iter().map(|variant| {
        let fields = variant.fields.iter().map(form);
        quote!(&[#(#fields),*])
    });
    Ok(quote! {
        impl #name {
            /// Every verb, `service.verb`, with its fields.
            pub const VERBS: &'static [(&'static str, &'static [&'static str])] =
                &[#((#wires, #names)),*];

            /// Every verb with what is known of its fields.
            pub const FORMS: &'static [(&'static str, &'static [crate::wire::Field])] =
                &[#((#wires, #forms)),*];

            /// The verb on the wire.
            pub fn verb(&self) -> &'static str {
                match self { #(Self::#of { .. } => #wires),* }
            }
        }
    })
}

fn form(field: &read::FieldSyntax) -> TokenStream {
    let read::FieldSyntax {
        name,
        kind,
        optional,
        doc,
    } = field;
    quote!(crate::wire::Field { name: #name, kind: #kind, optional: #optional, doc: #doc })
}
