//! Forms with files (`multipart/form-data`), streamed.
//!
//! Not reqwest's: a body here is opened anew for each attempt, under the boundary that its header names.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use http::HeaderValue;

use crate::answers::error::{Error, Result};
use crate::sending::transport::Body;

/// A form with files: sent piece by piece, its length known before.
///
/// ```
/// use deploykit_core::{Body, Multipart};
///
/// let form = Multipart::new()
///     .text("origin", "app-deploy")
///     .file("file", "app.tar.gz", "application/gzip", Body::Bytes(vec![0x1f, 0x8b].into()));
/// # let _ = form;
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Multipart {
    parts: Vec<(String, Body)>,
}

impl Multipart {
    /// A form without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        let head = format!("form-data; name=\"{}\"\r\n", quoted(name));
        self.part(head, Body::Bytes(value.into().into()))
    }

    /// Adds a file.
    pub fn file(self, name: &str, file_name: &str, media_type: &str, content: Body) -> Self {
        let (name, file_name) = (quoted(name), quoted(file_name));
        let head = format!(
            "form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: {media_type}\r\n"
        );
        self.part(head, content)
    }

    fn part(mut self, head: String, content: Body) -> Self {
        self.parts.push((head, content));
        self
    }

    /// The media type, and the body under its boundary.
    pub(crate) fn finish(self) -> Result<(HeaderValue, Body)> {
        // So long that no content holds it by chance.
        let boundary = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let media_type = format!("multipart/form-data; boundary={boundary}");
        let media_type = HeaderValue::try_from(media_type)
            .map_err(|error| Error::invalid_input("form", error))?;
        let mut pieces = Vec::new();
        for (head, content) in self.parts {
            if head.matches('\n').count() > 2 {
                return Err(Error::invalid_input(
                    "form",
                    "has a line break in a media type",
                ));
            }
            let head = format!("--{boundary}\r\nContent-Disposition: {head}\r\n");
            pieces.push(Body::Bytes(head.into()));
            pieces.push(content);
            pieces.push(Body::Bytes(Bytes::from_static(b"\r\n")));
        }
        pieces.push(Body::Bytes(format!("--{boundary}--\r\n").into()));
        let length = pieces.iter().map(Body::length).sum();
        let pieces = Arc::new(pieces);
        let open = move || {
            let opened = Arc::clone(&pieces);
            stream::iter(0..pieces.len())
                .flat_map(move |index| opened[index].open())
                .boxed()
        };
        let open = Arc::new(open);
        Ok((media_type, Body::Source { length, open }))
    }
}

/// Its contents may be secret: their sizes are shown.
impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts.iter().map(|(_, content)| content);
        f.debug_list().entries(parts).finish()
    }
}

/// A name inside of quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;

    use super::*;

    async fn sent(form: Multipart) -> (String, String) {
        let (media_type, body) = form.finish().unwrap();
        let mut texts = Vec::new();
        for _ in 0..2 {
            let pieces: Vec<Bytes> = body.open().try_collect().await.unwrap();
            texts.push(String::from_utf8(pieces.concat()).unwrap());
        }
        assert_eq!(texts[0], texts[1], "each attempt sends the same");
        assert_eq!(texts[0].len() as u64, body.length());
        let boundary = media_type.to_str().unwrap().rsplit_once('=').unwrap().1;
        (texts.remove(0), boundary.to_owned())
    }

    #[tokio::test]
    async fn it_is_framed_as_rfc_7578_has_it() {
        let form = Multipart::new().text("origin", "app-deploy").file(
            "file",
            "a\"b\r\n.tgz",
            "application/gzip",
            Body::Bytes("x".into()),
        );
        let (text, boundary) = sent(form).await;
        assert_eq!(
            text,
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"origin\"\r\n\r\napp-deploy\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
                 filename=\"a%22b%0D%0A.tgz\"\r\nContent-Type: application/gzip\r\n\r\nx\r\n--{boundary}--\r\n"
            )
        );
    }

    #[test]
    fn a_media_type_cannot_add_headers() {
        let form = Multipart::new().file("f", "n", "text/plain\r\nX: y", Body::Empty);
        assert!(form.finish().is_err());
    }

    #[test]
    fn debug_shows_no_content() {
        let form = Multipart::new().text("key", "canary");
        assert_eq!(format!("{form:?}"), "[6 bytes]");
    }
}
