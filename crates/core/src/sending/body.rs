//! Reading an answer's body: no more than the limit, and none that stands still.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use http::{HeaderMap, StatusCode, header};
use tokio::time::timeout;

use crate::sending::retry::Outcome;
use crate::sending::transport::{ByteStream, HttpResponse, TransportError};

/// How much of a body is read, and how slowly it may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimits {
    /// Longest body of an answer that is decoded, in bytes.
    pub(crate) longest: usize,
    /// Longest time between two pieces of a streamed body.
    pub(crate) idle: Option<Duration>,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            longest: 64 << 20,
            idle: Some(Duration::from_secs(60)),
        }
    }
}

/// So much is read of an error's body.
const LONGEST_ERROR: usize = 1 << 20;

/// Reads the body of an answer that will be decoded. One that is too long is refused before it takes memory.
pub(crate) async fn whole(
    response: &mut HttpResponse,
    limits: BodyLimits,
) -> Result<Bytes, TransportError> {
    let longest = limits.longest;
    let announced = announced(response.status, &response.headers);
    if let Some(length) = announced.filter(|length| *length > longest as u64) {
        return Err(too_long(format!(
            "its {length} bytes are more than the limit of {longest}"
        )));
    }
    match read(response, announced, longest).await {
        (body, None) => Ok(body),
        (_, Some(end)) => Err(end),
    }
}

/// Reads the body of an answer with an error status: the status counts, whatever becomes of the body.
pub(crate) async fn of_error(response: &mut HttpResponse) -> Bytes {
    let announced = announced(response.status, &response.headers);
    read(response, announced, LONGEST_ERROR).await.0
}

/// What was read, and why it is not all, if it is not.
async fn read(
    response: &mut HttpResponse,
    announced: Option<u64>,
    longest: usize,
) -> (Bytes, Option<TransportError>) {
    let mut first = Bytes::new();
    // Used from the second piece on: most bodies come in one.
    let mut whole = BytesMut::new();
    let mut length = 0;
    let end = loop {
        let mut piece = match response.body.try_next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break ended(announced, length as u64).err(),
            Err(error) => break Some(error),
        };
        let left = longest - length;
        let too_many = piece.len() > left;
        piece.truncate(left);
        if length == 0 {
            first = piece;
            length = first.len();
        } else {
            if whole.is_empty() {
                // Not more at once than a server may claim without sending it.
                let announced = announced.unwrap_or(0).min(1 << 20) as usize;
                whole.reserve(announced.max(length + piece.len()));
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&piece);
            length = whole.len();
        }
        if too_many {
            break Some(too_long(format!(
                "it has more than the limit of {longest} bytes"
            )));
        }
    };
    match whole.is_empty() {
        true => (first, end),
        false => (whole.freeze(), end),
    }
}

/// A body as it arrives, with an error if it stands still or ends before its time.
pub(crate) fn watched(
    body: ByteStream,
    announced: Option<u64>,
    idle: Option<Duration>,
) -> impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static {
    let state = Some((body, 0_u64));
    stream::unfold(state, move |state| async move {
        let (mut body, length) = state?;
        let piece = match idle {
            Some(idle) => match timeout(idle, body.next()).await {
                Ok(piece) => piece,
                Err(_) => Some(Err(stalled(idle))),
            },
            None => body.next().await,
        };
        match piece {
            Some(Ok(piece)) => {
                let length = length + piece.len() as u64;
                Some((Ok(piece), Some((body, length))))
            }
            Some(Err(error)) => Some((Err(error), None)),
            None => Some((Err(ended(announced, length).err()?), None)),
        }
    })
}

/// The length that the server announced, where an answer with this status has a body at all.
pub(crate) fn announced(status: StatusCode, headers: &HeaderMap) -> Option<u64> {
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return None;
    }
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// HTTP/2 can end a body early without an error: a part must not pass for the whole.
fn ended(announced: Option<u64>, length: u64) -> Result<(), TransportError> {
    match announced {
        Some(announced) if length < announced => Err(TransportError::new(
            Outcome::Interrupted,
            format!("the body ended after {length} of {announced} bytes"),
        )),
        _ => Ok(()),
    }
}

fn too_long(message: String) -> TransportError {
    TransportError::new(Outcome::TooLong, message)
}

fn stalled(idle: Duration) -> TransportError {
    TransportError::new(Outcome::TimedOut, format!("nothing came for {idle:.1?}"))
}
