//! An answer reaches who is still sending.
//!
//! What is refused before its body was read (too large, from another site) leaves bytes unread, and a connection
//! that is closed on them is reset: the sender may never see why. What is left is therefore read and thrown away,
//! within bounds, before the answer goes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::Request;
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use futures::{StreamExt as _, stream};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How many bytes are thrown away at most: a little more than the largest file that is taken.
const MOST: usize = 32 * 1024 * 1024;
/// How long at most.
const LONGEST: Duration = Duration::from_secs(5);

/// Reads what the handler left of the request's body.
pub(crate) async fn linger(request: Request, next: Next) -> Response {
    // Who waits to be asked for the body sends nothing before.
    if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let left = Arc::new(Mutex::new(body.into_data_stream()));
    let pieces = stream::unfold(Arc::clone(&left), async |left| {
        let piece = left.lock().await.next().await?;
        Some((piece, left))
    });
    // Asked again after its end, as a layer does that puts something before it, a body has ended still.
    let body = Body::from_stream(pieces.fuse());
    let response = next.run(Request::from_parts(parts, body)).await;
    // Too much or too slow: then the answer goes without.
    drop(timeout(LONGEST, throw_away(&left)).await);
    response
}

async fn throw_away(left: &Mutex<BodyDataStream>) {
    let mut left = left.lock().await;
    let mut thrown = 0;
    while let Some(Ok(piece)) = left.next().await {
        thrown += piece.len();
        if thrown > MOST {
            break;
        }
    }
}
