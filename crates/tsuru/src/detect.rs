//! Which server is it?

use deploykit_core::{Error, ErrorKind, FromResponse, RawResponse, Result};

use crate::{Client, Generation, v1};

/// The client for the server that was found.
#[derive(Debug, Clone)]
pub enum Server {
    /// A server of 2014: up to 0.13.
    Old(Client),
    /// A server of today: from 1.0 on.
    V1(v1::Client),
}

/// What an answer tells about its server.
struct Answer(Generation);

impl FromResponse for Answer {
    fn from_response(response: &RawResponse) -> Result<Self> {
        let header = |name: &str| response.headers.get(name)?.to_str().ok();
        let generation = header("supported-tsuru").and_then(Generation::supporting);
        generation.map(Self).ok_or_else(|| {
            let found = found(
                response.status.as_u16(),
                header("server"),
                header("content-type"),
            );
            response.error(ErrorKind::Failed, found)
        })
    }
}

fn found(status: u16, server: Option<&str>, content_type: Option<&str>) -> String {
    let server = server.unwrap_or("one without a name");
    let content_type = content_type.unwrap_or("nothing");
    format!(
        "this is no tsuru server: {server} answered {status} with {content_type}, and no `Supported-Tsuru`"
    )
}

/// Asks for the apps: all servers tell their version there, also to those whom they refuse.
pub(crate) async fn generation(client: &Client) -> Result<Generation> {
    let request = client.apps().list().request().clone();
    let asked = client.core().call::<Answer>(request).await;
    match asked {
        Ok(Answer(generation)) => Ok(generation),
        Err(error) => match (Generation::of_error(&error), error.status()) {
            (Some(generation), _) => Ok(generation),
            (None, Some(status)) if error.kind() == ErrorKind::Status => {
                let found = found(status, error.header("server"), error.header("content-type"));
                Err(Error::new(ErrorKind::Failed, found).with_source(error))
            }
            (None, _) => Err(error),
        },
    }
}
