//! Tells how a description of the service differs from this crate: `drift [--json] [--of YYYY-MM] <openapi.json>`.
//!
//! Operations that are newer than the description (`--of`, by default today's) are known to be missing in it, and
//! so are those that the service took away since. Fails if anything else differs.

mod known;

use deploykit_devopness::ENDPOINTS;
use deploykit_devopness::core::drift;

fn main() -> std::process::ExitCode {
    drift::program(&ENDPOINTS, known::known)
}
