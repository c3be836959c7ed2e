//! Plans: what each unit gets.

use deploykit_core::{endpoints, id, model, request};

use crate::Done;
use crate::list::List;

id! {
    /// A plan, by name.
    pub struct PlanName(String);
}

endpoints! {
    /// Plans.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// for plan in tsuru.plans().list().await? {
    ///     println!("{}: {:?} bytes", plan.name, plan.memory);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Plans;

    /// Lists the plans.
    PlanList: GET "/1.0/plans" => list() -> Vec<Plan> via PlanItems [empty_means("[]")];

    /// Makes a plan. 409 if it exists.
    PlanCreate: POST "/1.0/plans" => create(body: &NewPlan) -> Done;

    /// Removes a plan.
    DeletePlan: DELETE "/1.0/plans/{plan}" => remove(plan: PlanName) -> Done;
}

type PlanItems = List<Plan>;

model! {
    /// What each unit gets.
    pub struct Plan {
        required {
            /// Its name.
            name: PlanName,
        }
        /// Memory in bytes; 0 is no limit.
        memory: Option<i64>,
        /// CPU in thousandths of a core; 0 is no limit.
        cpu_milli = "cpumilli": Option<i64>,
        /// How much more CPU it may take for a while.
        cpu_burst = "cpuBurst": Option<CpuBurst>,
        /// What runs its containers.
        runtime_class = "runtimeClassName": Option<String>,
        /// Whether apps get it that name none.
        default: Option<bool>,
        /// Other values that an app has.
        overridden = "override": Option<PlanOverride>,
    }
}

request! {
    /// A plan to make.
    pub struct NewPlan {
        required {
            /// Its name.
            name: PlanName,
        }
        optional {
            /// Memory in bytes.
            memory: i64,
            /// CPU in thousandths of a core.
            #[serde(rename = "cpumilli")]
            cpu_milli: i64,
            /// How much more CPU it may take for a while.
            #[serde(rename = "cpuBurst")]
            cpu_burst: CpuBurst,
            /// Whether apps get it that name none.
            default: bool,
        }
    }
}

request! {
    /// How much more CPU a unit may take for a while: factors of its own.
    #[derive(Default)]
    pub struct CpuBurst {
        optional {
            /// Unless the app says otherwise.
            default: f64,
            /// The most that an app may say.
            #[serde(rename = "maxAllowed")]
            max_allowed: f64,
        }
    }
}

request! {
    /// Other values than a plan's.
    #[derive(Default)]
    pub struct PlanOverride {
        optional {
            /// Memory in bytes.
            memory: i64,
            /// CPU in thousandths of a core.
            #[serde(rename = "cpumilli")]
            cpu_milli: i64,
            /// Factor of CPU that it may take for a while.
            #[serde(rename = "cpuBurst")]
            cpu_burst: f64,
        }
    }
}
