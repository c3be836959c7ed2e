//! Receives a request's body: within the limit, in time, and into a temporary file where it is large. Before
//! more than a little is kept, the service may refuse the request.

use std::io;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use crate::content::Content;
use crate::reply::Reply;

/// What is read of a body before the service is asked whether it wants more.
const LITTLE: usize = 64 * 1024;

/// What is kept of a body in memory; a larger one goes to a file.
const IN_MEMORY: usize = 1024 * 1024;

/// For how long the rest of a refused body is read and thrown away, so that a client that sends before it reads
/// gets to see the refusal.
const DISCARD: Duration = Duration::from_secs(30);

/// A body that was received.
pub(crate) struct Received {
    pub(crate) content: Content,
    /// The answer, if the service doesn't want this body; what was received of it isn't kept then.
    pub(crate) refusal: Option<Reply>,
    /// What hasn't been read of a body that was refused.
    pub(crate) rest: Option<Incoming>,
}

impl Received {
    fn refused(refusal: Reply, rest: Incoming) -> Self {
        Self {
            content: Bytes::new().into(),
            refusal: Some(refusal),
            rest: Some(rest),
        }
    }
}

/// Receives the body. `most` is how large it may be, `patience` how long each piece of it may take, and `refuses`
/// is asked once, if there is more than a little.
pub(crate) async fn receive(
    mut body: Incoming,
    most: u64,
    patience: Duration,
    refuses: impl FnOnce() -> Option<Reply>,
) -> io::Result<Received> {
    let announced = body.size_hint().lower();
    if announced > most {
        return Ok(Received::refused(too_large(most), body));
    }
    let mut refuses = Some(refuses);
    let mut refusal = |len: u64| {
        if len <= LITTLE as u64 {
            return None;
        }
        refuses.take().and_then(|refuses| refuses())
    };
    if let Some(refusal) = refusal(announced) {
        return Ok(Received::refused(refusal, body));
    }
    let mut kept = BytesMut::new();
    let mut file: Option<File> = None;
    let mut len = 0_u64;
    while let Some(frame) = next(&mut body, patience).await? {
        let Ok(mut piece) = frame.into_data() else {
            continue;
        };
        len += piece.len() as u64;
        if len > most {
            return Ok(Received::refused(too_large(most), body));
        }
        if let Some(refusal) = refusal(len) {
            return Ok(Received::refused(refusal, body));
        }
        if body.is_end_stream() && len == piece.len() as u64 {
            return Ok(Received::whole(piece.into()));
        }
        match &mut file {
            Some(file) => file.write_all_buf(&mut piece).await?,
            None if kept.len() + piece.len() <= IN_MEMORY => {
                kept.extend_from_slice(&piece);
                piece.advance(piece.len());
            }
            None => {
                let mut opened = File::from_std(tempfile::tempfile()?);
                opened.write_all(&std::mem::take(&mut kept)).await?;
                opened.write_all_buf(&mut piece).await?;
                file = Some(opened);
            }
        }
    }
    Ok(Received::whole(match file {
        Some(mut file) => {
            file.flush().await?;
            Content::of_file(file.into_std().await, len)
        }
        None => kept.freeze().into(),
    }))
}

async fn next(
    body: &mut Incoming,
    patience: Duration,
) -> io::Result<Option<hyper::body::Frame<Bytes>>> {
    if body.is_end_stream() {
        return Ok(None);
    }
    match tokio::time::timeout(patience, body.frame()).await {
        Ok(Some(frame)) => frame.map(Some).map_err(io::Error::other),
        Ok(None) => Ok(None),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

impl Received {
    fn whole(content: Content) -> Self {
        Self {
            content,
            refusal: None,
            rest: None,
        }
    }
}

/// Reads the rest of a body that nobody wants, for a while. A client that asked before sending isn't waited for.
pub(crate) async fn discard(mut body: Incoming) {
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // Too slow, then: the connection ends.
    let _ = tokio::time::timeout(DISCARD, all).await;
}

/// Whether the client waits for an answer before it sends the body.
pub(crate) fn asks_first(headers: &HeaderMap) -> bool {
    headers.contains_key(header::EXPECT)
}

fn too_large(most: u64) -> Reply {
    let text = format!(
        "The body is larger than the {most} bytes that this stand-in takes: --max-body, or Builder::max_body, \
         takes more.\n"
    );
    Reply::own(413, text, "body too large")
}
