//! Pools: where apps run, and what they may use there.

use std::collections::BTreeMap;

use deploykit_core::{endpoints, id, model, request};

use super::pairs::pairs;
use crate::lenient;
use crate::list::List;
use crate::{Done, TeamName};

id! {
    /// A pool, by name.
    pub struct PoolName(String);
}

endpoints! {
    /// Pools and their constraints.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// for pool in tsuru.pools().list().await? {
    ///     println!("{}: {:?}", pool.name, pool.teams);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Pools;

    /// Lists the pools.
    PoolList: GET "/1.0/pools" => list() -> Vec<Pool> via PoolItems [empty_means("[]")];

    /// Tells about one pool.
    PoolGet: GET "/1.8/pools/{pool}" => get(pool: PoolName) -> Pool;

    /// Makes a pool. 409 if it exists, or another one is the default.
    PoolCreate: POST "/1.0/pools" => create(body: &NewPool) -> Done;

    /// Changes a pool.
    PoolUpdate: PUT "/1.0/pools/{pool}" => update(pool: PoolName, body: &PoolChange) -> Done;

    /// Removes a pool. 403 if it has apps.
    PoolDelete: DELETE "/1.0/pools/{pool}" => remove(pool: PoolName) -> Done;

    /// Lets teams use a pool.
    addTeamToPoolHandler: POST "/1.0/pools/{pool}/team" => add_teams(pool: PoolName, body: &PoolTeams) -> Done;

    /// Takes a pool away from teams.
    removeTeamToPoolHandler: DELETE "/1.0/pools/{pool}/team" => remove_teams(pool: PoolName, query: &OfTeam)
        -> Done;

    /// Lists the constraints.
    ConstraintList: GET "/1.3/constraints" => constraints() -> Vec<Constraint> via Constraints
        [empty_means("[]")];

    /// Sets a constraint; without values, removes it.
    ConstraintSet: PUT "/1.3/constraints" => set_constraint(body: &NewConstraint) -> Done;
}

type PoolItems = List<Pool>;
type Constraints = List<Constraint>;

model! {
    /// A pool.
    pub struct Pool {
        required {
            /// Its name.
            name = "name" | "Name": PoolName,
        }
        /// Whether apps run in it that name none.
        default = "default" | "Default": Option<bool>,
        /// What runs it: `kubernetes`.
        provisioner: String,
        /// Whether all teams may use it.
        public: Option<bool>,
        /// Teams that may use it.
        teams: Vec<String>,
        /// What may be used in it: plans, routers, services, teams, volume plans.
        allowed: BTreeMap<String, Option<Vec<String>>>,
        /// Labels.
        labels: BTreeMap<String, String> as lenient::present,
    }
}

request! {
    /// A pool to make.
    pub struct NewPool {
        required {
            /// Its name.
            name: PoolName,
        }
        optional {
            /// What runs it.
            provisioner: String,
            /// Whether all teams may use it.
            public: bool,
            /// Whether apps run in it that name none.
            default: bool,
            /// Takes the place of another default.
            force: bool,
            /// Labels.
            labels: BTreeMap<String, String>,
        }
    }
}

request! {
    /// What to change of a pool.
    #[derive(Default)]
    pub struct PoolChange {
        optional {
            /// Whether all teams may use it.
            public: bool,
            /// Whether apps run in it that name none.
            default: bool,
            /// Takes the place of another default.
            force: bool,
            /// Labels, in place of those that it has.
            labels: BTreeMap<String, String>,
        }
    }
}

request! {
    /// Which teams.
    pub struct PoolTeams {
        required {
            /// Their names.
            team: Vec<TeamName>,
        }
    }
}

pairs! {
    /// Which teams.
    pub struct OfTeam {
        /// This one; may be said several times.
        team = "team": TeamName,
    }
}

model! {
    /// What may be used in pools, or may not.
    pub struct Constraint {
        required {
            /// In which pools: `dev*`.
            pools = "PoolExpr": String,
        }
        /// `team`, `router`, `service`, `plan`, `volume-plan`, `cert-issuer`.
        field = "Field": String,
        /// Which.
        values = "Values": Vec<String>,
        /// Whether these may not be used, rather than only these.
        is_blacklist = "Blacklist": Option<bool>,
    }
}

request! {
    /// A constraint to set.
    pub struct NewConstraint {
        required {
            /// In which pools.
            #[serde(rename = "PoolExpr")]
            pools: String,
            /// `team`, `router`, `service`, `plan`, `volume-plan`, `cert-issuer`.
            #[serde(rename = "Field")]
            field: String,
        }
        optional {
            /// Which.
            #[serde(rename = "Values")]
            values: Vec<String>,
            /// Whether these may not be used, rather than only these.
            #[serde(rename = "Blacklist")]
            blacklist: bool,
            /// Adds the values to those that are set.
            append: bool,
        }
    }
}
