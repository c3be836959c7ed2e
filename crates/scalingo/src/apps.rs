//! Applications.

use std::collections::BTreeMap;

use deploykit_core::{Error, Result, Time};
use serde_json::Value;

use crate::{API, DataAccessConsent, Event, HdsContact, HdsContactChange};

deploykit_core::id! {
    /// An application: its name or its id. Paths accept both; answers give the id as `app_id`.
    pub struct AppRef(String);
}

deploykit_core::endpoints! {
    /// Applications.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// for app in client.apps().list().await? {
    ///     println!("{} is {:?}", app.name, app.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Apps;

    /// Lists the applications of the account, own and shared, all at once.
    listApps: GET "/v1/apps" => list() -> Vec<App> [envelope("apps"), quota(&API)];

    /// Fetches one application. An application of another region is not found (404).
    getApp: GET "/v1/apps/{app}" => get(app: AppRef) -> App [envelope("app"), quota(&API)];

    /// Creates an application. With the header `X-Dry-Run: true` ([`dry_run`](Apps::dry_run)) it is only checked.
    ///
    /// Names are unique on the platform: one that is taken is refused with 422.
    createApp: POST "/v1/apps" => create(body: &NewApp) -> App [enveloped("app"), quota(&API)];

    /// Changes the settings of an application.
    updateApp: PATCH "/v1/apps/{app}" => update(app: AppRef, body: &AppSettings) -> App
        [enveloped("app"), idempotent, quota(&API)];

    /// Hands an application over to one of its collaborators. The name is asked for twice.
    transferApp: PATCH "/v1/apps/{app}" => transfer(app: AppRef, query: &CurrentName, body: &NewOwner) -> App
        [enveloped("app"), quota(&API)];

    /// Gives an application another name; its address and Git remote change with it.
    renameApp: POST "/v1/apps/{app}/rename" => rename(app: AppRef, body: &NewName) -> App
        [envelope("app"), quota(&API)];

    /// Deletes an application, with its add-ons and all that is in them. The name is asked for twice.
    ///
    /// Fails with 422 if the names differ.
    deleteApp: DELETE "/v1/apps/{app}" => delete(app: AppRef, query: &CurrentName) [quota(&API)];

    /// Creates an application below another one, as review applications are.
    createChildApp: POST "/v1/apps/{app}/child_apps" => create_child(app: AppRef, body: &ChildName) -> App
        [enveloped("app"), quota(&API)];

    /// Lists the applications below another one.
    listChildApps: GET "/v1/apps/{app}/child_apps" => children(app: AppRef) -> Pages<App>
        [envelope("child_apps"), quota(&API)];

    /// Lists the names by which the application is known in its private networks.
    listPrivateNetworkDomainNames: GET "/v1/apps/{app}/private_network_domain_names"
        => private_names(app: AppRef) -> Pages<String> [envelope("domain_names"), nested("data"), quota(&API)];

    /// Says whom the operator asks about an application's health data; for those that [may hold
    /// such](App::hds_resource).
    updateHdsContact: PUT "/v1/apps/{app}/hds_contact" => set_hds_contact(app: AppRef, body: &HdsContactChange) -> HdsContact
        [enveloped("hds_contact"), quota(&API)];
}

impl Apps {
    /// Checks what [`create`](Self::create) would do, without doing it.
    #[inline]
    pub fn dry_run(&self, body: &NewApp) -> deploykit_core::Call<App> {
        self.create(body).header("x-dry-run", "true")
    }
}

deploykit_core::request! {
    /// An application to create.
    pub struct NewApp {
        required {
            /// Name: 6 to 48 small letters, digits and single hyphens.
            name: String,
        }
        optional {
            /// Id of the application it copies its settings from.
            parent_id: String,
            /// Id of the stack it is built on.
            stack_id: String,
            /// Id of the project it belongs to.
            project_id: String,
            /// Repository it is first deployed from.
            git_source: String,
            /// Whether it may hold health data.
            hds_resource: bool,
        }
    }
    check |it| { check_name("name", &it.name) }
}

/// What the service documents of names.
fn check_name(argument: &str, name: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let problem = match name {
        "" => "is empty",
        name if !(6..=48).contains(&name.len()) => "has not 6 to 48 characters",
        name if !name.chars().all(allowed) => "has more than small letters, digits and hyphens",
        name if name.starts_with('-') || name.ends_with('-') || name.contains("--") => {
            "begins or ends with a hyphen, or has two in a row"
        }
        _ => return Ok(()),
    };
    Err(Error::invalid_input(argument, problem))
}

deploykit_core::request! {
    /// Settings of an application; what is not set stays.
    pub struct AppSettings {
        optional {
            /// Whether HTTP is redirected to HTTPS.
            force_https: bool,
            /// Whether a visitor stays with one container.
            sticky_session: bool,
            /// Whether the router's log is part of the application's.
            router_logs: bool,
            /// Id of the stack it is built on, from the next deployment on.
            stack_id: String,
            /// Id of the project it belongs to.
            project_id: String,
        }
    }
}

deploykit_core::request! {
    /// The application's name once more, as the service wants it for what cannot be undone.
    pub struct CurrentName {
        required {
            /// The name.
            current_name: String,
        }
    }
    check |it| { not_empty("current_name", &it.current_name) }
}

deploykit_core::request! {
    /// Who shall own an application.
    pub struct NewOwner {
        required {
            /// Mail address of a collaborator.
            owner: String,
        }
    }
    check |it| { not_empty("owner", &it.owner) }
}

deploykit_core::request! {
    /// Another name of an application.
    pub struct NewName {
        required {
            /// The name it has.
            current_name: String,
            /// The name it gets.
            new_name: String,
        }
    }
    check |it| {
        not_empty("current_name", &it.current_name)?;
        check_name("new_name", &it.new_name)
    }
}

deploykit_core::request! {
    /// Name of an application below another one.
    pub struct ChildName {
        required {
            /// The name.
            name: String,
        }
    }
    check |it| { check_name("name", &it.name) }
}

pub(crate) fn not_empty(argument: &str, value: &str) -> Result<()> {
    match value.trim() {
        "" => Err(Error::invalid_input(argument, "is empty")),
        _ => Ok(()),
    }
}

deploykit_core::open_enum! {
    /// State of an application.
    pub enum AppStatus {
        /// Never deployed.
        New = "new",
        /// Running.
        Running = "running",
        /// Stopped.
        Stopped = "stopped",
        /// Crashed.
        Crashed = "crashed",
        /// Restarting.
        Restarting = "restarting",
        /// Changing its number of containers.
        Scaling = "scaling",
        /// Starting for the first time.
        Booting = "booting",
    }
}

deploykit_core::model! {
    /// An application.
    pub struct App {
        /// Id.
        id: String,
        /// Another id, of newer services.
        uuid: Option<String>,
        /// Name, unique on the platform.
        name: String,
        /// Region it runs in.
        region: Option<crate::Region>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// Where to push its code.
        git_url: Option<String>,
        /// Repository it was created from.
        git_source: Option<String>,
        /// Its public address.
        url: Option<String>,
        /// Its address under the platform's domain.
        base_url: Option<String>,
        /// State.
        status: Option<AppStatus>,
        /// Who owns it.
        owner: Option<Owner>,
        /// The project it belongs to.
        project: Option<AppProject>,
        /// Addresses that belong to it.
        links: Option<AppLinks>,
        /// Whether HTTP is redirected to HTTPS.
        force_https: Option<bool>,
        /// Whether a visitor stays with one container.
        sticky_session: Option<bool>,
        /// Whether the router's log is part of the application's.
        router_logs: Option<bool>,
        /// Switches of the platform.
        flags: BTreeMap<String, bool> as deploykit_core::de::entries,
        /// Limits that were set by hand: numbers, or numbers as text.
        limits: BTreeMap<String, Value>,
        /// When it was deployed last.
        last_deployed_at: Option<Time>,
        /// Who deployed it last.
        last_deployed_by: Option<String>,
        /// Its last deployment. Not comparable with [`Deployment::id`](crate::Deployment::id): older services give
        /// another kind of id here.
        last_deployment_id: Option<String>,
        /// Stack it is built on.
        stack_id: Option<String>,
        /// The application it is a review application of; empty if none.
        parent_app_name: Option<String>,
        /// Whether it holds health data.
        hds_resource: Option<bool>,
        /// Private networks it is part of.
        private_networks_ids: Vec<String>,
        /// Until when the operator's staff may look inside.
        data_access_consent: Option<DataAccessConsent>,
        /// Whom the operator asks about its health data.
        hds_contact: Option<HdsContact>,
        /// What happened to it last.
        last_event: Option<Event> as event,
        /// Address of its page in the dashboard.
        new_dashboard_url: Option<String>,
        /// Region it moved to.
        new_region: Option<String>,
    }
}

/// An event that cannot be read is no reason not to read its application.
fn event<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Event>, D::Error> {
    let event: Value = serde::Deserialize::deserialize(deserializer)?;
    Ok(serde_json::from_value(event).ok())
}

deploykit_core::model! {
    /// Who owns an application.
    pub struct Owner {
        /// Id.
        id: Option<String>,
        /// Name on the platform.
        username: Option<String>,
        /// Mail address.
        email: Option<String>,
        /// Switches of the platform.
        flags: BTreeMap<String, bool> as deploykit_core::de::entries,
        /// Whether the account is in its free trial.
        in_free_trial: Option<bool>,
    }
}

deploykit_core::model! {
    /// The project of an application.
    pub struct AppProject {
        /// Id.
        id: Option<String>,
        /// Name.
        name: Option<String>,
    }
}

deploykit_core::model! {
    /// Addresses of an application.
    pub struct AppLinks {
        /// Where its deployments can be followed live. It holds the name, and so changes with it.
        deployments_stream: Option<String>,
    }
}
