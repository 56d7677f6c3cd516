//! Everything of a government as a download: written to a file that no name leads to any more, then sent in pieces.

use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use ekinerja_app::tenants::Operator;
use ekinerja_app::{App, Refusal};
use futures::stream;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

/// SHA-256 of the archive's manifest.
const DIGEST: HeaderName = HeaderName::from_static("ekinerja-archive-digest");
/// Bytes that are sent at once.
const PIECE: usize = 64 * 1024;

/// The archive of a government.
///
/// # Errors
/// What the export refuses.
pub(crate) async fn archive(
    app: &App,
    operator: &Operator,
    code: &str,
    reason: &str,
) -> Result<Response, Refusal> {
    let name = ekinerja_app::fresh_id::<Uuid>().simple().to_string();
    let path = std::env::temp_dir().join(format!("ekinerja-{name}.zip"));
    let exported = Box::pin(app.export_tenant(operator, code, reason, &path)).await?;
    let opened = File::open(&path).await;
    // The open file lives on without its name, and is gone with the answer.
    tokio::fs::remove_file(&path).await.map_err(Refusal::internal)?;
    let file = opened.map_err(Refusal::internal)?;
    let pieces = stream::try_unfold(file, async |mut file: File| {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(piece), file)))
    });
    let tenant = &exported.manifest.tenant;
    let day = exported.manifest.exported_at.date_naive();
    let attachment = format!("attachment; filename=\"{}-{day}.zip\"", tenant.slug);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    for (name, text) in [(CONTENT_DISPOSITION, attachment), (DIGEST, exported.digest)] {
        headers.insert(name, HeaderValue::from_str(&text).map_err(Refusal::internal)?);
    }
    Ok((headers, Body::from_stream(pieces)).into_response())
}
