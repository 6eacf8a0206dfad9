//! The API as a document (OpenAPI 3.1), for tools and for people who have no Rust.

mod bodies;
mod offline;
mod operations;
mod others;

use std::collections::BTreeMap;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{
    AuthorizationCode, ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes,
    SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, LicenseBuilder, OpenApi,
    OpenApiBuilder, PathItem, PathsBuilder, Ref, Required, ResponseBuilder, ResponsesBuilder,
};

use crate::base::NOTICE;
use offline::OFFLINE;
use operations::{Guard, OPERATIONS, Operation};
use others::OTHERS;

const JSON: &str = "application/json";

/// `GET /openapi.json`
pub(crate) async fn served() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text()).into_response()
}

/// The document, as it lies in `docs/openapi.json`.
fn text() -> String {
    // It is made of what can be written.
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

fn document() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0 OR MIT").build();
    let info = InfoBuilder::new()
        .title("KaigoTap sandbox")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(NOTICE))
        .license(Some(license))
        .build();
    let mut paths = PathsBuilder::new();
    for operation in operations() {
        paths = paths.path(operation.path, PathItem::new(operation.method(), operation.built()));
    }
    let schemas = bodies::all().into_iter().map(|(name, schema)| (name.to_owned(), schema));
    let mut components = ComponentsBuilder::new().schemas_from_iter(schemas);
    for (name, scheme) in schemes() {
        components = components.security_scheme(name, scheme);
    }
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}

/// All rows.
fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().chain(&OFFLINE).chain(&OTHERS)
}

/// How requests are authorised, beside what each connection shows.
fn schemes() -> [(&'static str, SecurityScheme); 6] {
    let dpop = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "Authorization: DPoP <access token> with a DPoP proof (RFC 9449); OpenAPI has no name for that scheme",
        ))
        .build();
    let staff = Flow::AuthorizationCode(AuthorizationCode::new(
        "/staff/authorize",
        "/staff/token",
        Scopes::from_iter([("openid", "who signs in"), ("kaigo", "to work with the platform")]),
    ));
    let client = Flow::ClientCredentials(ClientCredentials::new(
        "/v1/token",
        Scopes::from_iter([("care:read", "what a server of an ISV may read")]),
    ));
    let standard = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("an access token of /standard/1.0/login"));
    let key = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some(
        "a key of a municipality's system, which `kaigotap sandbox municipality key` makes",
    ));
    [
        ("access_token", SecurityScheme::Http(dpop.clone())),
        ("client", SecurityScheme::OAuth2(OAuth2::new([client]))),
        ("municipality_key", SecurityScheme::Http(key.build())),
        ("own_token", SecurityScheme::Http(dpop)),
        ("standard_token", SecurityScheme::Http(standard.build())),
        ("staff_token", SecurityScheme::OAuth2(OAuth2::new([staff]))),
    ]
}

impl Operation {
    fn method(&self) -> HttpMethod {
        match self.method {
            "POST" => HttpMethod::Post,
            "DELETE" => HttpMethod::Delete,
            _ => HttpMethod::Get,
        }
    }

    fn built(&self) -> utoipa::openapi::path::Operation {
        let content =
            |schema| ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
        // One status may come in two forms: from the operation itself, and from what stands before it.
        let mut responses: BTreeMap<u16, ResponseBuilder> = BTreeMap::new();
        for &(status, says) in self.refusals() {
            let refusal = ResponseBuilder::new().description(says);
            responses.insert(status, refusal.content(JSON, content("Refusal")));
        }
        for &(status, media_type, schema, says) in self.gives {
            let mut response = responses.remove(&status).unwrap_or_default().description(says);
            if !media_type.is_empty() {
                response = response.content(media_type, content(schema));
            }
            responses.insert(status, response);
        }
        let responses =
            responses.into_iter().map(|(status, one)| (status.to_string(), one.build()));
        let responses =
            responses.fold(ResponsesBuilder::new(), |all, (status, one)| all.response(status, one));
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.name))
            .summary(Some(self.says))
            .tag(self.tag)
            .responses(responses.build());
        for parameter in self.parameters() {
            operation = operation.parameter(parameter);
        }
        if let Some((media_type, schema)) = self.takes {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
            let body = RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content(media_type, content.build());
            operation = operation.request_body(Some(body.build()));
        }
        if let Some(scheme) = self.guard.scheme() {
            operation = operation.security(SecurityRequirement::new(scheme, [] as [&str; 0]));
        }
        operation.build()
    }

    /// What every operation of this kind may be refused with.
    fn refusals(&self) -> &'static [(u16, &'static str)] {
        match self.guard {
            Guard::Nobody => &[
                (400, "not as it should be"),
                (429, "too many requests: wait as long as Retry-After says"),
                (500, "a fault of the server's own"),
            ],
            _ => &[
                (400, "not as it should be, or a proof without the server's nonce"),
                (401, "no token, client or proof that counts"),
                (403, "not for this one, or not on this evidence"),
                (404, "nobody is known under this"),
                (409, "not now, or known already"),
                (429, "too many requests: wait as long as Retry-After says"),
                (500, "a fault of the server's own"),
                (503, "it cannot be established now"),
            ],
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let text = || bodies::text();
        let mut parameters = Vec::new();
        if self.guard.wants_proof() {
            let proof = ParameterBuilder::new()
                .name("DPoP")
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some("A proof (RFC 9449 §4.2) with the nonce of the last answer"))
                .schema(Some(text()));
            parameters.push(proof.build());
        }
        let within = self.path.split(['{', '}']).skip(1).step_by(2);
        for name in within {
            let part = ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(text()));
            parameters.push(part.build());
        }
        for name in self.query {
            let part = ParameterBuilder::new()
                .name(*name)
                .parameter_in(ParameterIn::Query)
                .required(Required::True)
                .schema(Some(text()));
            parameters.push(part.build());
        }
        parameters
    }
}

/// A schema from its JSON form.
fn schema(json: serde_json::Value) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    // Those of this room are written down, and tried by the tests.
    serde_json::from_value(json).unwrap_or_else(|_| {
        utoipa::openapi::RefOr::T(utoipa::openapi::schema::ObjectBuilder::new().build().into())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn the_document_is_the_one_that_is_committed() {
        let committed = root().join("../../docs/openapi.json");
        if std::env::var_os("KAIGOTAP_WRITE").is_some() {
            fs::write(&committed, text()).unwrap();
        }
        let committed = fs::read_to_string(committed).unwrap_or_default();
        assert!(
            committed == text(),
            "docs/openapi.json is another one: KAIGOTAP_WRITE=1 cargo test -p kaigotap-sandbox openapi"
        );
        assert!(committed.starts_with("{\n  \"openapi\": \"3.1."));
    }

    #[test]
    fn every_schema_is_read_as_it_was_written() {
        for (name, written) in bodies::written() {
            let read = serde_json::to_value(schema(written.clone())).unwrap();
            assert_eq!(read, written, "{name}");
        }
    }

    #[test]
    fn whatever_is_referred_to_is_there() {
        let text = text();
        let known: BTreeSet<_> = bodies::written().into_iter().map(|(name, _)| name).collect();
        let referred = text.split("#/components/schemas/").skip(1);
        let referred: BTreeSet<_> = referred.filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(referred, known);
    }

    /// Paths and methods as the rooms' sources have them: `.route("/path", get(f).post(g))`.
    fn routed() -> BTreeSet<(String, String)> {
        fn sources(folder: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.ends_with("openapi") {
                    continue;
                }
                if path.is_dir() {
                    sources(&path, found);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    found.push(fs::read_to_string(path).unwrap());
                }
            }
        }
        let mut all = Vec::new();
        sources(&root().join("src"), &mut all);
        let mut routes = BTreeSet::new();
        for source in &all {
            let constant = |name: &str| {
                let beginning = format!("const {name}: &str = \"");
                let value = source.split(&beginning).nth(1).and_then(|rest| rest.split('"').next());
                value.unwrap_or_else(|| panic!("{name}")).to_owned()
            };
            for route in source.split(".route(").skip(1) {
                let (path, rest) = route.split_once(',').unwrap();
                let path = match path.strip_prefix('"') {
                    Some(path) => path.trim_end_matches('"').to_owned(),
                    None => constant(path),
                };
                let line = rest.lines().next().unwrap();
                for method in ["get", "post", "delete", "put", "patch"] {
                    if line.contains(&format!("{method}(")) {
                        routes.insert((path.replace("{*", "{"), method.to_uppercase()));
                    }
                }
            }
        }
        routes
    }

    #[test]
    fn every_route_is_in_the_document_and_nothing_else() {
        let is_admin = |path: &str| path.starts_with("/health/") || path == "/metrics";
        let routed: BTreeSet<_> =
            routed().into_iter().filter(|(path, _)| !is_admin(path)).collect();
        let documented: BTreeSet<_> = operations()
            .map(|operation| (operation.path.to_owned(), operation.method.to_owned()))
            .collect();
        assert_eq!(routed, documented);
        assert!(routed.len() > 25, "{}", routed.len());
        let count = operations().count();
        assert_eq!(documented.len(), count);
        let names: BTreeSet<_> = operations().map(|operation| operation.name).collect();
        assert_eq!(names.len(), count);
    }
}
