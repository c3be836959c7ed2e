//! Scaling by itself.

use deploykit_core::{endpoints, request};

use super::pairs::pairs;
use crate::list::List;
use crate::{AppName, Done};

endpoints! {
    /// How an app scales by itself.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::Autoscale;
    ///
    /// let rule = Autoscale::new().process("web").min_units(1).max_units(8).average_cpu("80%");
    /// tsuru.autoscale().set("myapp", &rule).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct AutoscaleRules;

    /// Lists the rules of an app.
    AutoScaleInfo: GET "/1.9/apps/{app}/units/autoscale" => list(app: AppName) -> Vec<Autoscale> via Rules
        [empty_means("[]")];

    /// Sets the rule of a process.
    AutoScaleAdd: POST "/1.9/apps/{app}/units/autoscale" => set(app: AppName, body: &Autoscale) -> Done
        [idempotent];

    /// Moves the rules to another version.
    AutoScaleSwap: POST "/1.29/apps/{app}/units/autoscale/swap" => swap(app: AppName, body: &SwapAutoscale)
        -> Done;

    /// Removes the rule of a process.
    AutoScaleRemove: DELETE "/1.9/apps/{app}/units/autoscale" => remove(app: AppName, query: &OfProcess) -> Done;
}

type Rules = List<Autoscale>;

request! {
    /// How a process scales by itself.
    #[derive(Default)]
    pub struct Autoscale {
        optional {
            /// Process; needed if there are several.
            process: String,
            /// Version; needed if several run.
            version: u64,
            /// Fewest units.
            #[serde(rename = "minUnits")]
            min_units: u32,
            /// Most units.
            #[serde(rename = "maxUnits")]
            max_units: u32,
            /// CPU to keep on average: `80%` of a core, or `800m`.
            #[serde(rename = "averageCPU")]
            average_cpu: String,
            /// By the clock.
            schedules: Vec<Schedule>,
            /// By what Prometheus measures.
            prometheus: Vec<Measured>,
            /// How fast it may scale.
            behavior: Behavior,
        }
    }
}

request! {
    /// Units by the clock.
    pub struct Schedule {
        required {
            /// When it begins, as cron writes it: `0 8 * * 1-5`.
            #[serde(default, deserialize_with = "deploykit_core::de::nullable")]
            start: String,
            /// When it ends.
            #[serde(default, deserialize_with = "deploykit_core::de::nullable")]
            end: String,
        }
        optional {
            /// Fewest units meanwhile.
            #[serde(rename = "minReplicas")]
            min_replicas: u32,
            /// Name.
            name: String,
            /// Time zone: `America/Sao_Paulo`; UTC unless set.
            timezone: String,
        }
    }
}

request! {
    /// Units by what Prometheus measures.
    pub struct Measured {
        required {
            /// Name.
            name: String,
            /// What to ask.
            #[serde(default, deserialize_with = "deploykit_core::de::nullable")]
            query: String,
        }
        optional {
            /// So much of it for each unit.
            threshold: f64,
            /// From so much on.
            #[serde(rename = "activationThreshold")]
            activation_threshold: f64,
            /// Where to ask.
            #[serde(rename = "prometheusAddress")]
            prometheus_address: String,
        }
    }
}

request! {
    /// How fast it may scale.
    #[derive(Default)]
    pub struct Behavior {
        optional {
            /// Down.
            #[serde(rename = "scaleDown")]
            scale_down: ScaleDown,
        }
    }
}

request! {
    /// How fast it may scale down.
    #[derive(Default)]
    pub struct ScaleDown {
        optional {
            /// Seconds that it must be so.
            #[serde(rename = "stabilizationWindow")]
            stabilization_window: u32,
            /// So many of a hundred units at once.
            #[serde(rename = "percentagePolicyValue")]
            percentage: u32,
            /// So many units at once.
            #[serde(rename = "unitsPolicyValue")]
            units: u32,
        }
    }
}

request! {
    /// Where to move the rules.
    pub struct SwapAutoscale {
        required {
            /// The version.
            version: String,
        }
    }
}

pairs! {
    /// Of which process.
    pub struct OfProcess {
        /// This one.
        process = "process": String,
    }
}
