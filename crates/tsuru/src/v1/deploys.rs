//! Deploys that were: list, info, and what may be rolled back to.

use std::time::Duration;

use deploykit_core::{Time, endpoints, id, model, request};

use super::events::EventId;
use super::pairs::pairs;
use crate::list::List;
use crate::{AppName, Done, lenient};

id! {
    /// A deploy, by its id.
    pub struct DeployId(String);
}

endpoints! {
    /// Deploys that were. To deploy, see [`Client::deploy`](super::Client::deploy).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::DeployFilter;
    ///
    /// for deploy in tsuru.deploys().list(&DeployFilter::new().app("myapp").limit(10u32)).await? {
    ///     println!("{} took {:?}", deploy.image, deploy.duration());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Deploys;

    /// Lists deploys, newest first.
    deploysList: GET "/1.0/deploys" => list(query: &DeployFilter) -> Vec<Deploy> via DeployItems
        [empty_means("[]")];

    /// Tells about one deploy, with its log.
    deployInfo: GET "/1.0/deploys/{deploy}" => get(deploy: DeployId) -> Deploy;

    /// Says whether a version may be rolled back to.
    deployRollbackUpdate: PUT "/1.4/apps/{app}/deploy/rollback/update"
        => allow_rollback(app: AppName, body: &RollbackRule) -> Done;
}

type DeployItems = List<Deploy>;

pairs! {
    /// Which deploys to list.
    pub struct DeployFilter {
        /// Of this app.
        app = "app": AppName,
        /// Without the newest so many.
        skip = "skip": u32,
        /// So many at the most.
        limit = "limit": u32,
    }
}

request! {
    /// Whether a version may be rolled back to.
    pub struct RollbackRule {
        required {
            /// Its image.
            image: String,
            /// Whether it may not.
            disable: bool,
        }
        optional {
            /// Why.
            reason: String,
        }
    }
}

model! {
    /// A deploy.
    pub struct Deploy {
        required {
            /// Its id, which is that of its event.
            id = "ID" | "id": DeployId,
        }
        /// The app.
        app = "App" | "app": String,
        /// When it began.
        at = "Timestamp" | "timestamp": Option<Time> as lenient::time,
        /// How long it took, in nanoseconds; see [`duration`](Self::duration).
        nanoseconds = "Duration" | "duration": Option<i64>,
        /// What of the sources was deployed.
        commit = "Commit" | "commit": String,
        /// Why it failed; empty if it did not.
        error = "Error" | "error": String,
        /// What it made.
        image = "Image" | "image": String,
        /// Which version that is.
        version = "Version" | "version": Option<u64>,
        /// What was written meanwhile.
        log = "Log" | "log": String,
        /// Who deployed.
        user = "User" | "user": String,
        /// `app-deploy`, `git`, `rollback`, `drag-and-drop`, `image`, `rebuild`.
        origin = "Origin" | "origin": String,
        /// Whether it can be rolled back to.
        can_rollback = "CanRollback" | "canrollback": Option<bool>,
        /// How the sources differ from those before, where a tool sent that.
        diff = "Diff" | "diff": String,
        /// What was said about it.
        message = "Message" | "message": String,
        /// When it was removed.
        removed_at = "RemoveDate": Option<Time> as lenient::time,
    }
}

impl Deploy {
    /// How long it took.
    pub fn duration(&self) -> Option<Duration> {
        let nanoseconds = u64::try_from(self.nanoseconds?).ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }

    /// Its event.
    pub fn event(&self) -> EventId {
        self.id.as_str().into()
    }
}
