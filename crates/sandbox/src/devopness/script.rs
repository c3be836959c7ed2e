//! What actions do, step by step, and what they write meanwhile.

use super::view::human;

/// The steps of an action of that type on a resource of that type.
pub(super) fn steps(kind: &str, resource: &str) -> Vec<String> {
    let thing = human(resource).to_lowercase();
    let steps: &[&str] = match kind {
        "deploy" => &[
            "Get new release",
            "Install dependencies",
            "Build application",
            "Check application environment",
            "Activate new release",
            "Remove old releases",
        ],
        "provision" => &[
            "Create the {}",
            "Wait until the {} is ready",
            "Configure the {}",
        ],
        "delete" | "remove" => &["Detach the {}", "Remove the {}"],
        "rotate_key" => &[
            "Create a new key",
            "Replace the key",
            "Check the connection",
        ],
        "get_status" => &["Read the status of the {}"],
        "configure" => &["Connect to the {}", "Configure the {}"],
        "restart" => &["Restart the {}", "Check the {}"],
        "reload" => &["Reload the {}", "Check the {}"],
        "start" => &["Start the {}", "Check the {}"],
        "stop" => &["Stop the {}", "Check the {}"],
        _ => &["Run"],
    };
    steps
        .iter()
        .map(|step| step.replace("{}", &thing))
        .collect()
}

/// The lines that a step writes, each with its end.
pub(super) fn log(step: &str, fails: bool) -> Vec<String> {
    let mut lines = vec![
        format!("\u{1b}[36m==> {step}\u{1b}[0m\n"),
        "    connected as devopness\n".to_owned(),
        "    checking what is there ... done\n".to_owned(),
        format!("    {} ...\r\n", step.to_lowercase()),
    ];
    lines.push(match fails {
        true => format!("\u{1b}[31mERROR: {step}: the command ended with exit status 1\u{1b}[0m\n"),
        false => "    done\n".to_owned(),
    });
    lines
}

/// What a reason code means.
pub(super) fn reason(code: &str) -> &'static str {
    match code {
        "PENDING" => "Pending: it waits for what it depends on.",
        "QUEUED" => "Queued: it is about to start.",
        "IN_PROGRESS" => "In progress.",
        "COMPLETED" => "Completed.",
        "SKIPPED" => "Skipped: a step before it has failed.",
        "FAILED_INSUFFICIENT_CREDITS" => "Failed: the subscription has no credits left.",
        _ => "Failed: a step ended with an error.",
    }
}
