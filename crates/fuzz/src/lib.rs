//! Whatever servers send: one function for each reader of foreign bytes, which panics if a promise is broken.
//!
//! Each is more than "does not panic": what is read is compared with what a second, simpler reader finds, and what
//! must stay within bounds is measured. `tests/corpus.rs` runs all of them on stable, with the files in `corpus/` and
//! with seeded mutations of these; `cargo-fuzz/` runs them under libFuzzer. See the README.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a broken promise is a panic here"
)]

mod answers;
mod lists;
mod models;
mod pauses;
mod redaction;
mod server;
mod texts;

pub use answers::json_path;
pub use lists::{link, pagination};
pub use models::{frame, hook, injected, manifest};
pub use pauses::{rate_limit, retry_after};
pub use redaction::redaction;
pub use texts::{lines, time};

/// A name, and what it names.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. Each has a folder in `corpus/` and a program in `cargo-fuzz/fuzz_targets/` by its name.
pub const TARGETS: [Target; 12] = [
    ("frame", frame),
    ("hook", hook),
    ("injected", injected),
    ("json_path", json_path),
    ("lines", lines),
    ("link", link),
    ("manifest", manifest),
    ("pagination", pagination),
    ("rate_limit", rate_limit),
    ("redaction", redaction),
    ("retry_after", retry_after),
    ("time", time),
];
