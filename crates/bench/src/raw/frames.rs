//! Frames of the live stream, as one would declare them by hand.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Frame {
    New { data: New },
    Log { id: String, data: Log },
    Status { id: String, data: Status },
    Ping { data: Ping },
}

#[derive(Deserialize)]
pub(crate) struct New {
    deployment: String,
}

#[derive(Deserialize)]
pub(crate) struct Log {
    pub(crate) content: String,
}

#[derive(Deserialize)]
pub(crate) struct Status {
    status: String,
}

#[derive(Deserialize)]
pub(crate) struct Ping {
    ts: Option<u64>,
}
