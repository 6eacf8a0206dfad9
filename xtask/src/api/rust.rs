//! Public declarations of a Rust source file, as that file without everything else.

use std::collections::BTreeSet;

use proc_macro2::TokenTree;
use syn::{
    Attribute, Expr, Fields, Ident, ImplItem, Item, ItemImpl, ItemMacro, TraitItem, Type, Variant,
    Visibility, parse_quote,
};

/// What is public in a file, one line for what fits in one; bodies, values and comments are left out.
pub(super) fn declarations(source: &str) -> syn::Result<Vec<String>> {
    let mut file = syn::parse_file(source)?;
    file.attrs.clear();
    file.items = public(file.items);
    let text = prettyplease::unparse(&file);
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Items of a module that can be seen from outside, without what cannot.
fn public(items: Vec<Item>) -> Vec<Item> {
    let types: BTreeSet<String> = items.iter().filter_map(public_type).collect();
    items.into_iter().filter_map(|item| seen(item, &types)).collect()
}

/// The name of a public type.
fn public_type(item: &Item) -> Option<String> {
    let (name, visible) = match item {
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        _ => return None,
    };
    is_public(visible).then(|| name.to_string())
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn seen(mut item: Item, types: &BTreeSet<String>) -> Option<Item> {
    let visible = match &mut item {
        Item::Const(item) => {
            tell(&mut item.attrs);
            *item.expr = nothing();
            is_public(&item.vis)
        }
        Item::Enum(item) => {
            let visible = tell(&mut item.attrs) && is_public(&item.vis);
            for variant in &mut item.variants {
                tell(&mut variant.attrs);
                shown(&mut variant.fields, |_| true);
            }
            visible
        }
        Item::Fn(item) => {
            *item.block = parse_quote!({});
            tell(&mut item.attrs) && is_public(&item.vis)
        }
        Item::Impl(item) => return implemented(item, types).then(|| Item::Impl(item.clone())),
        Item::Macro(item) => return listed(item),
        Item::Mod(item) => {
            if let Some((_, items)) = &mut item.content {
                *items = public(std::mem::take(items));
            }
            tell(&mut item.attrs) && is_public(&item.vis)
        }
        Item::Static(item) => {
            *item.expr = nothing();
            tell(&mut item.attrs) && is_public(&item.vis)
        }
        Item::Struct(item) => {
            shown(&mut item.fields, is_public);
            tell(&mut item.attrs) && is_public(&item.vis)
        }
        Item::Trait(item) => {
            for inner in &mut item.items {
                if let TraitItem::Fn(function) = inner {
                    tell(&mut function.attrs);
                    if function.default.is_some() {
                        function.default = Some(parse_quote!({}));
                    }
                }
            }
            tell(&mut item.attrs) && is_public(&item.vis)
        }
        Item::Type(item) => tell(&mut item.attrs) && is_public(&item.vis),
        Item::Use(item) => tell(&mut item.attrs) && is_public(&item.vis),
        _ => false,
    };
    visible.then_some(item)
}

/// Leaves of an implementation what can be called; of a trait's, that it is there. Says whether anything is left.
fn implemented(item: &mut ItemImpl, types: &BTreeSet<String>) -> bool {
    let seen = tell(&mut item.attrs);
    if item.trait_.is_some() {
        item.items.clear();
        let Type::Path(of) = &*item.self_ty else { return false };
        let name = of.path.segments.last().map(|segment| segment.ident.to_string());
        return seen && name.is_some_and(|name| types.contains(&name));
    }
    item.items.retain_mut(|inner| match inner {
        ImplItem::Const(item) => {
            item.expr = nothing();
            tell(&mut item.attrs) && is_public(&item.vis)
        }
        ImplItem::Fn(item) => {
            item.block = parse_quote!({});
            tell(&mut item.attrs) && is_public(&item.vis)
        }
        _ => false,
    });
    seen && !item.items.is_empty()
}

/// What a macro declares, where it is a list of names with their codes, `Name "code" …;`, in its definition or given to it
/// where it is called. An enum stands for it, called as the list is, or else as the macro is.
fn listed(item: &ItemMacro) -> Option<Item> {
    let macro_name = item.ident.as_ref().or(item.mac.path.segments.last().map(|last| &last.ident));
    let tokens: Vec<TokenTree> = item.mac.tokens.clone().into_iter().collect();
    let name = match &tokens[..] {
        [.., TokenTree::Ident(list), TokenTree::Group(_)] => list,
        _ => macro_name?,
    };
    let mut variants = Vec::new();
    rows(&tokens, &mut variants);
    (!variants.is_empty()).then(|| parse_quote!(pub enum #name { #(#variants,)* }))
}

fn rows(tokens: &[TokenTree], variants: &mut Vec<Variant>) {
    let is_end =
        |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';');
    for row in tokens.split(is_end) {
        let pair = row.windows(2).find_map(|two| match two {
            // A keyword before a literal is code: `digits in "[0-9]{4}"`.
            [TokenTree::Ident(name), TokenTree::Literal(code)]
                if syn::parse_str::<Ident>(&name.to_string()).is_ok() =>
            {
                Some((name, code))
            }
            _ => None,
        });
        variants.extend(pair.map(|(name, code)| -> Variant { parse_quote!(#name = #code) }));
        for token in row {
            if let TokenTree::Group(group) = token {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                rows(&inner, variants);
            }
        }
    }
}

/// Leaves of the attributes those that are of the API. Says whether it is in a library that ships.
fn tell(attributes: &mut Vec<Attribute>) -> bool {
    let test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<Ident>().is_ok_and(|condition| condition == "test")
    };
    let ships = !attributes.iter().any(test);
    attributes.retain(|attribute| {
        ["cfg", "derive", "non_exhaustive"].iter().any(|name| attribute.path().is_ident(name))
    });
    ships
}

/// Takes away fields that cannot be seen; in a tuple their places stay.
fn shown(fields: &mut Fields, visible: impl Fn(&Visibility) -> bool) {
    for field in fields.iter_mut() {
        tell(&mut field.attrs);
    }
    match fields {
        Fields::Named(fields) => {
            let all = std::mem::take(&mut fields.named);
            fields.named = all.into_iter().filter(|field| visible(&field.vis)).collect();
        }
        Fields::Unnamed(fields) => {
            for field in fields.unnamed.iter_mut().filter(|field| !visible(&field.vis)) {
                field.ty = parse_quote!(_);
            }
        }
        Fields::Unit => {}
    }
}

/// In place of a value.
fn nothing() -> Expr {
    parse_quote!(_)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> Vec<String> {
        declarations(source).unwrap()
    }

    #[test]
    fn what_is_public_without_bodies_and_values() {
        let source = "//! Text.\n/// pub fn no()\n#[derive(Debug)]\n#[non_exhaustive]\npub struct A<T> {\n\
            /// One.\n pub one: T,\n two: u8 }\npub struct B(pub u8, u16);\npub(crate) fn inner() {}\n\
            #[must_use]\npub fn get<'a>(x: &'a str, y: [u8; 2]) -> Result<Cow<'a, str>, E> { let z = \"}\"; 3 }\n\
            pub const N: u8 = 3;\npub use x::{B, C};\nuse y::D;\npub mod inner;\nmod other;\n\
            pub trait T { fn a(&self); fn b(&self) -> u8 { 3 } }";
        assert_eq!(
            told(source),
            [
                "#[derive(Debug)]",
                "#[non_exhaustive]",
                "pub struct A<T> {",
                "    pub one: T,",
                "}",
                "pub struct B(pub u8, _);",
                "pub fn get<'a>(x: &'a str, y: [u8; 2]) -> Result<Cow<'a, str>, E> {}",
                "pub const N: u8 = _;",
                "pub use x::{B, C};",
                "pub mod inner;",
                "pub trait T {",
                "    fn a(&self);",
                "    fn b(&self) -> u8 {}",
                "}",
            ]
        );
    }

    #[test]
    fn enums_and_what_is_implemented() {
        let source = "pub enum E { /// One.\n One, Two(u8), Three { a: u8 } }\n\
            impl E { pub fn all() -> u8 { 3 } fn no(&self) {} pub const X: u8 = 1; }\n\
            impl E { fn no(&self) {} }\nimpl Display for E { fn fmt(&self) {} }\n\
            struct P;\nimpl Display for P { fn fmt(&self) {} }\n\
            #[cfg(test)]\nmod tests { pub fn no() {} }";
        assert_eq!(
            told(source),
            [
                "pub enum E {",
                "    One,",
                "    Two(u8),",
                "    Three { a: u8 },",
                "}",
                "impl E {",
                "    pub fn all() -> u8 {}",
                "    pub const X: u8 = _;",
                "}",
                "impl Display for E {}",
            ]
        );
    }

    #[test]
    fn codes_that_macros_declare() {
        let source = "macro_rules! coded { () => {} }\n\
            coded! { /// About.\n Why { /// One.\n One \"one\" \"A sentence.\"; Two \"two\" Kind \"B.\"; } }\n\
            codes! { Three \"three\" Kind \"C.\"; }\nother! { fn f() {} }\n\
            macro_rules! pin { ($n:ident => $($b:tt)*) => { $n! { $($b)* Four \"four\" Pin \"D.\"; } }; }";
        assert_eq!(
            told(source),
            [
                "pub enum Why {",
                "    One = \"one\",",
                "    Two = \"two\",",
                "}",
                "pub enum codes {",
                "    Three = \"three\",",
                "}",
                "pub enum pin {",
                "    Four = \"four\",",
                "}",
            ]
        );
    }

    #[test]
    fn what_is_no_rust_is_an_error() {
        assert!(declarations("pub fn f( {").is_err());
    }
}
