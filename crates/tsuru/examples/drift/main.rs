//! Tells how descriptions of the service differ from this crate: `drift [--json] <openapi.json>`.
//!
//! Fails if anything differs that is not known.

mod known;

use deploykit_tsuru::core::drift;
use deploykit_tsuru::v1::ENDPOINTS;

fn main() -> std::process::ExitCode {
    drift::program(&ENDPOINTS, |_| known::known())
}
