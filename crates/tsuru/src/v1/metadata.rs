//! What apps and jobs have in common: labels, processes, health checks.

use std::collections::BTreeMap;

use deploykit_core::{model, request};

model! {
    /// Labels and annotations, which go to what runs the app.
    pub struct Metadata {
        /// Labels.
        labels: Vec<Label>,
        /// Annotations.
        annotations: Vec<Label>,
    }
}

model! {
    /// A label or annotation.
    pub struct Label {
        required {
            /// Its name.
            name: String,
        }
        /// Its value.
        value: String,
        /// Whether it is to be deleted.
        delete: Option<bool>,
    }
}

request! {
    /// Labels and annotations to set or delete.
    #[derive(Default)]
    pub struct NewMetadata {
        optional {
            /// Labels.
            labels: Vec<NewLabel>,
            /// Annotations.
            annotations: Vec<NewLabel>,
        }
    }
}

request! {
    /// A label or annotation to set or delete.
    pub struct NewLabel {
        required {
            /// Its name.
            name: String,
        }
        optional {
            /// Its value.
            value: String,
            /// Whether to delete it.
            delete: bool,
        }
    }
}

request! {
    /// A process of an app, with settings of its own.
    pub struct Process {
        required {
            /// Its name in the `Procfile`: `web`.
            name: String,
        }
        optional {
            /// A plan of its own.
            plan: String,
            /// Labels and annotations of its own.
            metadata: NewMetadata,
            /// How to see whether it is well.
            healthcheck: Healthcheck,
            /// How to see whether it began.
            startupcheck: Healthcheck,
        }
    }
}

request! {
    /// How to see whether a process is well.
    #[derive(Default)]
    pub struct Healthcheck {
        optional {
            /// Path to ask.
            path: String,
            /// `http` or `https`.
            scheme: String,
            /// Headers to send.
            headers: BTreeMap<String, String>,
            /// Command to run instead.
            command: Vec<String>,
            /// How often it may fail.
            allowed_failures: u32,
            /// Seconds between two looks.
            interval_seconds: u32,
            /// Seconds that a look may take.
            timeout_seconds: u32,
            /// Seconds until the first that must be well.
            deploy_timeout_seconds: u32,
            /// Whether to restart a unit that is not well.
            force_restart: bool,
        }
    }
}
