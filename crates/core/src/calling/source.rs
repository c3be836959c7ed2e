//! Bodies that are read while they are sent: from disk, and with a look at how far it is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::BytesMut;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::io::{AsyncReadExt as _, Take};

use crate::sending::retry::Outcome;
use crate::sending::transport::{Body, ByteStream, TransportError};

impl Body {
    /// A file, read while it is sent and anew for each attempt. What is announced now is what is sent.
    ///
    /// # Errors
    ///
    /// If there is no such file, or it is not one that can be read.
    pub async fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = Arc::new(path.as_ref().to_owned());
        let data = tokio::fs::File::open(&*path).await?.metadata().await?;
        if data.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "is a directory",
            ));
        }
        let length = data.len();
        Ok(Self::Source {
            length,
            open: Arc::new(move || read(Arc::clone(&path), length)),
        })
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Source { length, .. } => *length,
        }
    }

    /// Its bytes, from the beginning.
    pub fn open(&self) -> ByteStream {
        match self {
            Self::Empty => stream::empty().boxed(),
            Self::Bytes(bytes) => stream::iter([Ok(bytes.clone())]).boxed(),
            Self::Source { open, .. } => open(),
        }
    }

    /// Calls this with the number of bytes handed to the connection so far and of all of them, piece by piece.
    /// An attempt that is repeated begins at zero again.
    #[must_use]
    pub fn on_progress(self, tell: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        let length = self.length();
        let tell = Arc::new(tell);
        let open = move || {
            let (tell, sent) = (Arc::clone(&tell), AtomicU64::new(0));
            let told = self.open().inspect_ok(move |piece| {
                let more = piece.len() as u64;
                tell(sent.fetch_add(more, Ordering::Relaxed) + more, length);
            });
            told.boxed()
        };
        Self::Source {
            length,
            open: Arc::new(open),
        }
    }
}

/// The first `length` bytes of a file, piece by piece.
fn read(path: Arc<PathBuf>, length: u64) -> ByteStream {
    enum State {
        Closed(Arc<PathBuf>, u64),
        Open(Take<tokio::fs::File>),
    }

    stream::try_unfold(State::Closed(path, length), |state| async {
        let mut file = match state {
            State::Closed(path, length) => tokio::fs::File::open(&*path)
                .await
                .map_err(unreadable)?
                .take(length),
            State::Open(file) => file,
        };
        let mut piece = BytesMut::with_capacity(64 << 10);
        match file.read_buf(&mut piece).await.map_err(unreadable)? {
            // The length was announced: an end before it would pass for a broken connection.
            0 if file.limit() > 0 => Err(unreadable(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it became shorter",
            ))),
            0 => Ok(None),
            _ => Ok(Some((piece.freeze(), State::Open(file)))),
        }
    })
    .boxed()
}

fn unreadable(error: io::Error) -> TransportError {
    TransportError::new(
        Outcome::Interrupted,
        format!("the file cannot be read: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    async fn all(body: &Body) -> Result<Vec<u8>, TransportError> {
        body.open()
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
    }

    #[tokio::test]
    async fn a_file_is_read_anew_each_time_and_its_progress_told() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("source");
        let content: Vec<u8> = (0..200_000u32).map(|byte| byte as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&told);
        let body = Body::file(&path)
            .await
            .unwrap()
            .on_progress(move |sent, total| seen.lock().unwrap().push((sent, total)));
        assert_eq!(body.length(), 200_000);
        for _ in 0..2 {
            told.lock().unwrap().clear();
            assert!(all(&body).await.unwrap() == content);
            let told = told.lock().unwrap();
            assert!(told.len() > 1 && told.windows(2).all(|pair| pair[0].0 < pair[1].0));
            assert_eq!(told.last(), Some(&(200_000, 200_000)));
        }
        std::fs::write(&path, b"short").unwrap();
        let error = all(&body).await.unwrap_err();
        assert!(error.to_string().contains("it became shorter"), "{error}");
        std::fs::remove_file(&path).unwrap();
        assert!(Body::file(&path).await.is_err());
        assert!(Body::file(folder.path()).await.is_err());
    }
}
