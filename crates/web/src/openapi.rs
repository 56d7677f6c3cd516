//! The description of the interface: OpenAPI 3.1 made from the routes, and its readable form.

mod errors;

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn;
use axum::response::Redirect;
use axum::routing::get;
use utoipa::PartialSchema;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, RefOr, Required,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::api;
use crate::layers;
use crate::links;
use crate::problem::{ProblemBody, ViolationBody};
use crate::routes::Routes;
use crate::settings::AppState;

/// Name of the security scheme and of the cookie that it stands for.
const SESSION: &str = "session";
/// Name of the security scheme of programs.
const TOKEN: &str = "token";
/// Name of the schema of errors; the shared answers are named after it and their status.
const PROBLEM: &str = "Problem";

/// The description of the whole interface.
pub fn openapi() -> OpenApi {
    api::router().into_openapi()
}

/// What the description says before any route is added.
pub(crate) fn base() -> OpenApiRouter<AppState> {
    let mut license = License::new("Apache-2.0");
    license.identifier = Some(String::from("Apache-2.0"));
    let info = InfoBuilder::new()
        .title("E-Kinerja")
        .version("1")
        .description(Some(include_str!("openapi/introduction.md")))
        .license(Some(license))
        .build();
    let components = ComponentsBuilder::new()
        .schema(PROBLEM, ProblemBody::schema())
        .schema("Violation", ViolationBody::schema())
        .responses_from_iter(errors::responses())
        .security_scheme(
            SESSION,
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "__Host-ekinerja",
                "The cookie that signing in sets (named `ekinerja` over plain HTTP).",
            ))),
        )
        .security_scheme(
            TOKEN,
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("ekj_…")
                    .description(Some(
                        "The token of a service account, for addresses inside its government.",
                    ))
                    .build(),
            ),
        )
        .build();
    OpenApiRouter::with_openapi(
        OpenApiBuilder::new()
            .info(info)
            .components(Some(components))
            .security(Some([SecurityRequirement::new::<_, [&str; 0], &str>(SESSION, [])]))
            .build(),
    )
}

/// Adds to every operation what all of them share, so that no slice repeats it.
pub(crate) fn completed(mut router: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    for (path, item) in &mut router.get_openapi_mut().paths.paths {
        let in_tenant = path.contains("{tenant}");
        let operations = [
            (&mut item.get, HttpMethod::Get),
            (&mut item.put, HttpMethod::Put),
            (&mut item.post, HttpMethod::Post),
            (&mut item.patch, HttpMethod::Patch),
            (&mut item.delete, HttpMethod::Delete),
        ];
        for (operation, method) in operations {
            if let Some(operation) = operation {
                let creates = in_tenant && method == HttpMethod::Post;
                complete(operation, in_tenant, creates);
                errors::complete(&method, path, operation);
            }
        }
    }
    router
}

fn complete(operation: &mut Operation, in_tenant: bool, creates: bool) {
    let parameters = operation.parameters.get_or_insert_default();
    let mut add = |parameter: Parameter| {
        let known = |it: &RefOr<Parameter>| matches!(it, RefOr::T(it) if it.name == parameter.name);
        if !parameters.iter().any(known) {
            parameters.push(RefOr::T(parameter));
        }
    };
    if in_tenant {
        let either =
            [SESSION, TOKEN].map(|it| SecurityRequirement::new::<_, [&str; 0], &str>(it, []));
        operation.security.get_or_insert(either.into());
        add(ParameterBuilder::new()
            .name("tenant")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("Address of the government, for instance `ntb` or `lombok-barat`."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .example(Some("ntb".into()))
            .build());
    }
    if creates {
        add(ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "A word of the caller's own for this request, best a UUID. Sent again with the same \
                 request within two days, nothing is done twice and the first answer comes back.",
            ))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(200))))
            .build());
    }
}

/// `/api/openapi.json`, and `/api/docs/` for people.
pub(crate) fn router(document: &OpenApi) -> Routes {
    let json: Arc<str> = document.to_pretty_json().unwrap_or_default().into();
    let serve = async move || {
        let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, no-cache")];
        (headers, String::from(&*json))
    };
    let config = Config::from(links::OPENAPI).try_it_out_enabled(true).validator_url("none");
    let docs: Router<AppState> = SwaggerUi::new("/api/docs").config(config).into();
    Routes::new()
        .foreign(docs.layer(from_fn(layers::relax_for_docs)), &["/api/docs", "/api/docs/{*rest}"])
        .route(links::OPENAPI, get(serve))
        .route("/api", get(async || Redirect::to(links::API_DOCS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> serde_json::Value {
        serde_json::to_value(openapi()).expect("a document")
    }

    #[test]
    fn every_operation_has_a_name_a_tag_a_summary_and_its_errors() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        let mut names = std::collections::BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let name = operation["operationId"].as_str().expect("a name");
                assert!(names.insert(name.to_owned()), "{name} is there twice");
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                assert!(operation["tags"][0].is_string(), "{method} {path} has no tag");
                let answers = operation["responses"].as_object().expect("answers");
                assert!(answers.keys().any(|it| it.starts_with('2')), "{method} {path}");
                for (status, answer) in answers.iter().filter(|it| !it.0.starts_with('2')) {
                    let shared = format!("#/components/responses/Problem{status}");
                    assert_eq!(answer["$ref"], shared, "{method} {path} {status}");
                }
            }
        }
        assert!(names.contains("create_session"), "{names:?}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().expect("a pointer");
            assert!(document.pointer(pointer).is_some(), "nothing at {pointer}");
        }
    }
}
