//! Tells how descriptions of the service differ from this crate: `drift [--json] <v1.json> <v2.json> ...`.
//!
//! Fails if anything differs that is not known.

mod known;

use deploykit_edgegap::ENDPOINTS;
use deploykit_edgegap::core::drift;

fn main() -> std::process::ExitCode {
    drift::program(&ENDPOINTS, |_| known::known())
}
