//! The third derive: what the fields of an event, or of a record within one, name.
//!
//! It walks fields and leaves to the type of each what it names, which is why a type that does not say so does not
//! compile. It knows one field by its name, `sealed_until`, and one attribute, `#[mentions(new)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, Result};

/// The implementation of `Mentions` for a struct or an enum.
pub(crate) fn mentions(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let mut part = TokenStream::new();
    let arms = match &input.data {
        Data::Struct(body) => {
            part = quote!(let each = &mut crate::mention::part(each););
            arm(&quote!(Self), &body.fields)?
        }
        Data::Enum(body) => body
            .variants
            .iter()
            .map(|one| (&one.ident, &one.fields))
            .map(|(ident, fields)| arm(&quote!(Self::#ident), fields))
            .collect::<Result<_>>()?,
        Data::Union(_) => return Err(Error::new(name.span(), "a union names nothing")),
    };
    Ok(quote! {
        impl crate::mention::Mentions for #name {
            fn mentions<'a>(&'a self, each: &mut dyn FnMut(crate::mention::Mention<'a>)) {
                #part
                match self { #arms }
            }
        }
    })
}

/// The fields of one variant, or of a struct, in their order.
fn arm(path: &TokenStream, fields: &Fields) -> Result<TokenStream> {
    let mut places = Vec::new();
    let mut said = Vec::new();
    for (n, (field, member)) in fields.iter().zip(fields.members()).enumerate() {
        let value = format_ident!("field_{n}");
        let name = field
            .ident
            .as_ref()
            .map_or_else(|| n.to_string(), |ident| ident.unraw().to_string());
        let new = is_new(field)?;
        places.push(quote!(#member: #value));
        said.push(if name == "sealed_until" {
            quote!(crate::mention::seal(*#value, each);)
        } else {
            quote!(crate::mention::field(#value, #name, #new, each);)
        });
    }
    Ok(quote!(#path { #(#places),* } => { #(#said)* }))
}

fn is_new(field: &Field) -> Result<bool> {
    let mut told = field.attrs.iter();
    let Some(told) = told.find(|one| one.path().is_ident("mentions")) else {
        return Ok(false);
    };
    let word: Ident = told.parse_args()?;
    if word != "new" {
        let why = "a field takes `new` and nothing else";
        return Err(Error::new(word.span(), why));
    }
    Ok(true)
}
