//! Telemetry: log lines on standard error, and spans over OTLP where an endpoint is configured.
//!
//! Spans reach from the request to the SQL statement (the statement's text without its values). What the log
//! shows and what is exported are filtered apart, so that quiet logs still come with whole traces.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Config, LogFormat};

/// What must be told at the end of the program.
#[derive(Debug)]
pub struct Telemetry(Option<SdkTracerProvider>);

/// What a process that goes on says: PostgreSQL's notices and the migrator's steps are for who looks for them.
/// The statements of each line's request are for who exports traces.
pub const LASTING: &str =
    "info,ekinerja_store::transaction=warn,sqlx::postgres::notice=error,sea_orm_migration=warn";

/// What a command says that answers and ends.
pub const BRIEF: &str = "warn,sqlx::postgres::notice=error";

/// Starts telemetry; `usual` is the filter where the configuration has none. It must be called inside the runtime, which the exporter uses.
///
/// # Errors
/// The filter in `EKINERJA_LOG` cannot be read, or the exporter cannot be made.
pub fn start(config: &Config, usual: &str) -> anyhow::Result<Telemetry> {
    let filter = config.log.as_deref().unwrap_or(usual);
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("EKINERJA_LOG: {filter:?} is no filter such as info,sqlx=debug")
    })?;
    let is_screen = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(is_screen);
    let lines = match config.log_format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let provider = config.otlp_endpoint.as_ref().map(exporter).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        // The exporter's own requests must not make spans of their own.
        let exported = Targets::new().with_default(LevelFilter::INFO).with_targets(
            ["h2", "hyper", "tonic", "tower", "opentelemetry"].map(|it| (it, LevelFilter::OFF)),
        );
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("ekinerja"))
            .with_filter(exported)
    });
    tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .try_init()
        .context("telemetry was started before")?;
    Ok(Telemetry(provider))
}

fn exporter(endpoint: &url::Url) -> anyhow::Result<SdkTracerProvider> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint.as_str())
        .build()
        .context("EKINERJA_OTLP_ENDPOINT: the exporter cannot be made")?;
    let resource = Resource::builder().with_service_name("ekinerja").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Telemetry {
    /// Sends what is still waiting.
    pub fn finish(self) {
        if let Some(provider) = self.0
            && let Err(problem) = provider.shutdown()
        {
            tracing::warn!(%problem, "the last spans could not be sent");
        }
    }
}
