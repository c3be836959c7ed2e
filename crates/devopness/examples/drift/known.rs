//! What is known of the service's descriptions.

use deploykit_devopness::core::drift::{Kind, Known};

/// Each operation, and since when it is there or gone.
const OPERATIONS: &str = include_str!("../../../../fixtures/devopness/operations.txt");

/// What a description gets wrong, and where the crate knows better.
const EXCEPTED: [(Kind, &str, &str, &str); 1] = [(
    Kind::Changed,
    "addProject",
    "body",
    "deprecated in 2026, and described without the body that older installations need",
)];

/// The differences that are known of a description of this date.
pub fn known(of: &str) -> Vec<Known> {
    let mut known: Vec<_> = EXCEPTED
        .into_iter()
        .map(|(kind, operation, place, reason)| Known::new(kind, operation, place, reason))
        .collect();
    for line in OPERATIONS.lines() {
        let mut words = line.split_whitespace();
        let operation = words.next().unwrap_or_default();
        for word in words {
            match word.split_once('=') {
                Some(("since", date)) if date > of => {
                    known.push(Known::new(
                        Kind::Gone,
                        operation,
                        "",
                        format!("new on {date}"),
                    ));
                }
                Some(("removed", date)) if date <= of => {
                    known.push(Known::new(
                        Kind::Gone,
                        operation,
                        "",
                        format!("gone on {date}"),
                    ));
                }
                _ => {}
            }
        }
    }
    known
}
