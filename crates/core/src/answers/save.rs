//! A stream written to a file, with progress.

use std::fmt;
use std::future::IntoFuture;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use http::header;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use crate::answers::error::{Error, ErrorKind, Result};
use crate::answers::raw::Streaming;

/// How much of a file has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Bytes so far.
    pub bytes: u64,
    /// Bytes in all, where the server told.
    pub total: Option<u64>,
}

/// A file that is being written: await it for the end, or poll it as a stream of progress.
///
/// The bytes go to a file beside the target, named as it is with `.part` behind, piece by piece; at the end it
/// takes the target's place at once. A download that fails, or is dropped, leaves the target as it was, and no
/// partial file.
#[must_use = "nothing is written unless it is awaited or polled"]
pub struct Saving {
    streaming: Option<Streaming>,
    target: PathBuf,
    running: Option<BoxStream<'static, Result<Saved>>>,
}

impl Streaming {
    /// Writes the body to this file; one that is there already is replaced.
    ///
    /// # Errors
    ///
    /// When awaited: if the file cannot be written, or the stream fails.
    pub fn save_to(self, target: impl Into<PathBuf>) -> Saving {
        Saving {
            streaming: Some(self),
            target: target.into(),
            running: None,
        }
    }
}

impl Saving {
    fn begin(&mut self) -> BoxStream<'static, Result<Saved>> {
        let Some(streaming) = self.streaming.take() else {
            return stream::empty().boxed();
        };
        let total = streaming.headers.get(header::CONTENT_LENGTH);
        let total = total.and_then(|length| length.to_str().ok()?.parse().ok());
        let writing = Writing {
            body: streaming.body,
            file: None,
            part: Part::beside(&self.target),
            target: std::mem::take(&mut self.target),
            saved: Saved { bytes: 0, total },
        };
        stream::unfold(Some(writing), |writing| async {
            let mut writing = writing?;
            match writing.step().await {
                Ok(true) => Some((Ok(writing.saved), Some(writing))),
                Ok(false) => Some((Ok(writing.saved), None)),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }
}

struct Writing {
    body: BoxStream<'static, Result<bytes::Bytes>>,
    file: Option<File>,
    part: Part,
    target: PathBuf,
    saved: Saved,
}

impl Writing {
    /// Writes one piece; returns whether there may be more.
    async fn step(&mut self) -> Result<bool> {
        let unwritable = |error| unwritable(&self.target, error);
        if self.file.is_none() {
            self.file = Some(File::create(&self.part.0).await.map_err(unwritable)?);
        }
        let Some(file) = &mut self.file else {
            return Ok(false);
        };
        match self.body.next().await {
            Some(piece) => {
                let piece = piece?;
                file.write_all(&piece).await.map_err(unwritable)?;
                self.saved.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
                Ok(true)
            }
            None => {
                file.flush().await.map_err(unwritable)?;
                file.sync_all().await.map_err(unwritable)?;
                let renamed = tokio::fs::rename(&self.part.0, &self.target).await;
                renamed.map_err(unwritable)?;
                self.part.0.clear();
                Ok(false)
            }
        }
    }
}

fn unwritable(target: &Path, error: std::io::Error) -> Error {
    let problem = format!("cannot be written: {}", target.display());
    Error::invalid_input("path", problem).with_source(error)
}

/// The partial file; gone when it is dropped, unless it became the target.
struct Part(PathBuf);

impl Part {
    fn beside(target: &Path) -> Self {
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        Self(part.into())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // It may never have been made.
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

impl Stream for Saving {
    type Item = Result<Saved>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.running.is_none() {
            let running = self.begin();
            self.running = Some(running);
        }
        match &mut self.running {
            Some(running) => running.poll_next_unpin(cx),
            None => Poll::Ready(None),
        }
    }
}

impl IntoFuture for Saving {
    type Output = Result<Saved>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut last = None;
            while let Some(saved) = self.next().await {
                last = Some(saved?);
            }
            last.ok_or_else(|| Error::new(ErrorKind::Failed, "the file was already written"))
        })
    }
}

impl fmt::Debug for Saving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saving")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
