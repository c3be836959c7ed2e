//! Archives to deploy: a file or bytes.

use std::path::PathBuf;

use bytes::Bytes;
use deploykit_core::{Body, Error, Result};
use tokio::io::AsyncReadExt as _;

/// An archive: a `.tar.gz` with a single folder at its root, which holds the sources.
///
/// ```
/// use deploykit_scalingo::Archive;
///
/// let from_disk = Archive::file("build/app.tar.gz").git_ref("v1.2.3");
/// let from_memory = Archive::bytes(vec![0x1f, 0x8b]);
/// # let _ = (from_disk, from_memory);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Archive {
    pub(crate) content: Content,
    pub(crate) git_ref: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    File(PathBuf),
    Bytes(Bytes),
}

impl Archive {
    /// An archive on disk. It is read while it is sent, and anew if the upload is repeated.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            content: Content::File(path.into()),
            git_ref: None,
        }
    }

    /// An archive in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self {
            content: Content::Bytes(bytes.into()),
            git_ref: None,
        }
    }

    /// Any label of the version; it must not begin with a dash.
    pub fn git_ref(mut self, git_ref: impl Into<String>) -> Self {
        self.git_ref = Some(git_ref.into());
        self
    }
}

impl From<PathBuf> for Archive {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<&std::path::Path> for Archive {
    fn from(path: &std::path::Path) -> Self {
        Self::file(path)
    }
}

impl From<Bytes> for Archive {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Vec<u8>> for Archive {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

/// What every gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

impl Content {
    /// Checks that it is there and is gzip, and makes it sendable.
    #[inline]
    pub(crate) async fn open(self) -> Result<Body> {
        match self {
            Self::Bytes(bytes) => {
                check(bytes.get(..2).unwrap_or_default())?;
                Ok(Body::Bytes(bytes))
            }
            Self::File(path) => {
                let unreadable = |error: std::io::Error| {
                    Error::invalid_input("archive", format!("cannot be read: {}", path.display()))
                        .with_source(error)
                };
                let file = tokio::fs::File::open(&path).await.map_err(unreadable)?;
                let mut start = Vec::with_capacity(2);
                file.take(2)
                    .read_to_end(&mut start)
                    .await
                    .map_err(unreadable)?;
                check(&start)?;
                Body::file(&path).await.map_err(unreadable)
            }
        }
    }
}

fn check(start: &[u8]) -> Result<()> {
    if start == GZIP {
        return Ok(());
    }
    let problem = match start.is_empty() {
        true => "is empty",
        false => "is not compressed with gzip",
    };
    Err(Error::invalid_input("archive", problem))
}
