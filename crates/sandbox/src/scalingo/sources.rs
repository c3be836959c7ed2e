//! Sources: signed addresses to which an archive is uploaded, and from which it is fetched. Like
//! the object storage behind the service, it knows nothing of tokens.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::content::Content;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::{Held, lock};

/// How long a source can be used.
const LIFETIME: Duration = Duration::from_secs(600);

/// All sources so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Sources {
    all: Held<Vec<Source>>,
}

#[derive(Debug, Clone)]
struct Source {
    expires: Instant,
    archive: Option<Content>,
}

impl Sources {
    /// A new source, as clients of `host` see it.
    pub(super) fn create(&self, host: &str, clock: &Clock) -> Value {
        let mut all = lock(&self.all);
        let number = all.len();
        let expires = clock.instant() + clock.scaled(LIFETIME);
        all.push(Source {
            expires,
            archive: None,
        });
        let url = |method| {
            let signature = signature(method, number);
            let expires = LIFETIME.as_secs();
            format!(
                "http://{host}{}?X-Amz-Expires={expires}&X-Amz-Signature={signature}",
                path(number)
            )
        };
        json!({"source": {"upload_url": url("PUT"), "download_url": url("GET")}})
    }

    /// The refusal of a request for an archive, by its address and headers.
    pub(super) fn refusal(&self, request: &Request, clock: &Clock) -> Option<Reply> {
        Self::find(&mut lock(&self.all), request, clock)
            .err()
            .map(|refusal| *refusal)
    }

    /// Answers a request for an archive.
    pub(super) fn serve(&self, request: &Request, clock: &Clock) -> Reply {
        let mut all = lock(&self.all);
        match (Self::find(&mut all, request, clock), request.method()) {
            (Ok(source), "PUT") => {
                source.archive = Some(request.content().clone());
                Reply::empty(200)
            }
            (Ok(source), _) => source.download(),
            (Err(refusal), _) => *refusal,
        }
    }

    /// The source that a request may have, or change.
    fn find<'s>(
        all: &'s mut [Source],
        request: &Request,
        clock: &Clock,
    ) -> Result<&'s mut Source, Box<Reply>> {
        let number = (0..all.len()).find(|&number| path(number) == request.path());
        let Some(number) = number else {
            return refused(404, "NoSuchKey", "The specified key does not exist.");
        };
        if request.query("X-Amz-Signature") != Some(&signature(request.method(), number)) {
            return refused(
                403,
                "SignatureDoesNotMatch",
                "The request signature does not match.",
            );
        }
        if request.header("authorization").is_some() {
            return refused(400, "InvalidArgument", "Only one auth mechanism allowed.");
        }
        let source = &mut all[number];
        if source.expires <= clock.instant() {
            source.archive = None;
            return refused(403, "AccessDenied", "Request has expired");
        }
        match request.method() {
            "PUT" => source.check_upload(request).map(|()| source),
            _ => Ok(source),
        }
    }

    /// Whether the platform can fetch what is at this address; `None` if it isn't one of ours.
    pub(super) fn can_be_fetched(&self, url: &str, clock: &Clock) -> Option<bool> {
        let all = lock(&self.all);
        let is_at = |number: &usize| url.contains(&format!("{}?", path(*number)));
        let source = &all[(0..all.len()).find(is_at)?];
        Some(source.archive.is_some() && source.expires > clock.instant())
    }

    /// All archives that were uploaded and haven't expired, oldest first.
    pub(super) fn archives(&self) -> Vec<Bytes> {
        lock(&self.all)
            .iter()
            .filter_map(|source| source.archive.as_ref()?.bytes().ok())
            .collect()
    }
}

impl Source {
    fn check_upload(&self, request: &Request) -> Result<(), Box<Reply>> {
        if request.header("content-length").is_none() {
            let message = "You must provide the Content-Length HTTP header.";
            return refused(411, "MissingContentLength", message);
        }
        if request.header("content-type") != Some("application/x-gzip") {
            return refused(
                403,
                "SignatureDoesNotMatch",
                "The request signature does not match.",
            );
        }
        Ok(())
    }

    fn download(&self) -> Reply {
        match &self.archive {
            Some(archive) => Reply::stream(200, "application/x-gzip", archive.stream())
                .header("content-length", archive.len().to_string()),
            None => refusal(404, "NoSuchKey", "The specified key does not exist."),
        }
    }
}

fn path(number: usize) -> String {
    format!("/sources/{:08}.tar.gz", number + 1)
}

/// Differs for each source and method; who knows it was told.
fn signature(method: &str, number: usize) -> String {
    let method = method
        .bytes()
        .fold(0_u64, |sum, byte| sum * 256 + u64::from(byte));
    format!("{method:032x}{number:032x}")
}

fn refused<T>(status: u16, code: &str, message: &str) -> Result<T, Box<Reply>> {
    Err(Box::new(refusal(status, code, message)))
}

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Reply::bytes(status, "application/xml", body)
}
