//! Scalingo, from the first call to the last log line, against its stand-in and against scripted streams.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has failed"
)]

mod account;
mod accounts;
mod archives;
mod around;
mod deploying;
mod faults;
mod floods;
mod input;
mod live;
mod paging;
mod program;
mod scripted;
mod secrets;
mod sharing;
mod streams;
mod support;
mod timeline;
mod tokens;
mod watching;
