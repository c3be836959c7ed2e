//! Volumes: disks of apps.

use std::collections::BTreeMap;

use deploykit_core::{endpoints, id, model, request};

use super::{JSON_LINES, Output};
use crate::lenient;
use crate::list::List;
use crate::{AppName, Done, TeamName};

id! {
    /// A volume, by name.
    pub struct VolumeName(String);
}

endpoints! {
    /// Volumes.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{NewVolume, VolumePlan};
    ///
    /// tsuru.volumes().create(&NewVolume::new("data", VolumePlan::new("nfs")).pool("local")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Volumes;

    /// Lists the volumes.
    VolumeList: GET "/1.4/volumes" => list() -> Vec<Volume> via VolumeItems [empty_means("[]")];

    /// Tells about one volume.
    VolumeGet: GET "/1.4/volumes/{volume}" => get(volume: VolumeName) -> Volume;

    /// Makes a volume. 409 if it exists.
    VolumeCreate: POST "/1.4/volumes" => create(body: &NewVolume) -> Done;

    /// Changes a volume.
    volumeUpdate: POST "/1.4/volumes/{volume}" => update(volume: VolumeName, body: &NewVolume) -> Done
        [idempotent];

    /// Removes a volume. 403 while it is bound.
    VolumeDelete: DELETE "/1.4/volumes/{volume}" => remove(volume: VolumeName) -> Done;

    /// Gives a volume to an app, and restarts it unless told otherwise.
    VolumeBind: POST "/1.4/volumes/{volume}/bind" => bind(volume: VolumeName, body: &NewVolumeBind)
        -> Streamed<Output> [streams(JSON_LINES)];

    /// Takes a volume from an app, and restarts it unless told otherwise.
    VolumeUnbind: DELETE "/1.4/volumes/{volume}/bind" => unbind(volume: VolumeName, body: &NewVolumeBind)
        -> Streamed<Output> [streams(JSON_LINES)];

    /// Lists what volumes can be made of, by provisioner.
    VolumePlansList: GET "/1.4/volumeplans" => plans() -> BTreeMap<String, Option<Vec<VolumePlan>>>
        [empty_means("{}")];
}

type VolumeItems = List<Volume>;

model! {
    /// A volume.
    pub struct Volume {
        required {
            /// Its name.
            name = "name" | "Name": VolumeName,
        }
        /// Pool that it is in.
        pool = "pool" | "Pool": String,
        /// What it is made of.
        plan = "plan" | "Plan": Option<VolumePlan>,
        /// Team that owns it.
        team_owner = "teamOwner" | "TeamOwner": String,
        /// What it is doing.
        status = "status" | "Status": String,
        /// Apps that have it.
        binds = "binds" | "Binds": Vec<VolumeBind>,
        /// Options.
        options = "opts" | "Opts": BTreeMap<String, String> as lenient::present,
    }
}

request! {
    /// What a volume is made of.
    pub struct VolumePlan {
        required {
            /// Name.
            #[serde(alias = "Name")]
            name: String,
        }
        optional {
            /// Options.
            #[serde(alias = "Opts")]
            opts: BTreeMap<String, serde_json::Value>,
        }
    }
}

model! {
    /// A volume that an app has.
    pub struct VolumeBind {
        /// Which, and where.
        id = "id" | "ID": Option<VolumeBindId>,
        /// Whether the app may only read it.
        read_only = "readonly" | "ReadOnly": Option<bool>,
    }
}

model! {
    /// Which app has which volume, and where.
    pub struct VolumeBindId {
        /// The app.
        app = "app" | "App": String,
        /// Path in its units.
        mount_point = "mountpoint" | "MountPoint": String,
        /// The volume.
        volume = "volume" | "Volume": String,
    }
}

request! {
    /// A volume to make, or what it should become.
    pub struct NewVolume {
        required {
            /// Its name.
            name: VolumeName,
            /// What it is made of.
            plan: VolumePlan,
        }
        optional {
            /// Pool that it is in.
            pool: String,
            /// Team that owns it.
            #[serde(rename = "teamOwner")]
            team_owner: TeamName,
            /// Options of its plan.
            opts: BTreeMap<String, String>,
        }
    }
}

request! {
    /// Which app a volume is given to or taken from.
    pub struct NewVolumeBind {
        required {
            /// The app.
            app: AppName,
            /// Path in its units.
            #[serde(rename = "mountpoint")]
            mount_point: String,
        }
        optional {
            /// Whether the app may only read it.
            #[serde(rename = "readonly")]
            read_only: bool,
            /// Does not restart the app.
            #[serde(rename = "norestart")]
            no_restart: bool,
        }
    }
}
