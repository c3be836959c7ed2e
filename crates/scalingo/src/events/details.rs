//! What is special to each kind of event, read from what came: field by field, so that an odd one costs no other.

use std::collections::BTreeMap;

use deploykit_core::{Secret, Time, de};
use serde::Deserialize as _;
use serde_json::Value;

use super::{EventData, EventKind};
use crate::{
    AddonId, AddonProviderId, AddonStatus, BackupId, DeploymentId, DeploymentStatus,
    ScmIntegrationId, ScmType, TokenId,
};

/// Declares what events tell, by their kinds: a variant and its fields. A field is read from the first of its
/// spellings that is there.
macro_rules! details {
    ($(
        $(#[$meta:meta])*
        $variant:ident($name:ident) of $($kind:ident)|+ {
            $( $(#[$of:meta])* $field:ident $(= $($wire:literal)|+)? : $type:ty ),+ $(,)?
        }
    )+) => {
        /// What is special to an event, by its kind.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum EventDetails {
            $( $(#[$meta])* $variant($name), )+
            /// A kind that is new to this version: see [`data`](super::Event::data).
            Unknown,
        }

        impl EventDetails {
            // Compiled by who asks: here, nobody does.
            #[inline]
            pub(super) fn of(kind: &EventKind, data: &EventData) -> Self {
                match kind {
                    $( $(EventKind::$kind)|+ => Self::$variant($name::of(data)), )+
                    EventKind::__Unknown(_) => Self::Unknown,
                }
            }
        }

        $( shape! { $(#[$meta])* $name { $( $(#[$of])* $field $(= $($wire)|+)? : $type ),+ } } )+
    };
}

macro_rules! shape {
    ($(#[$meta:meta])* $name:ident { $( $(#[$of:meta])* $field:ident $(= $($wire:literal)|+)? : $type:ty ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name { $( $(#[$of])* pub $field: $type, )+ }

        deploykit_core::__shown! { $name { $($field),+ } }

        impl Shape for $name {
            #[inline]
            fn of(data: &EventData) -> Self {
                Self { $( $field: Field::read(spellings!(data, $field $(= $($wire)|+)?)), )+ }
            }
        }
    };
}

macro_rules! spellings {
    ($data:ident, $field:ident) => {
        $data.get(stringify!($field))
    };
    ($data:ident, $field:ident = $($wire:literal)|+) => {
        first($data, &[$($wire),+])
    };
}

/// The first of these fields that is there.
fn first<'a>(data: &'a EventData, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| data.get(name))
}

details! {
    /// What happened to an application itself.
    App(AppDetails) of NewApp | EditApp | DeleteApp | RenameApp | TransferApp | StopApp | StackChanged
        | StartRegionMigration {
        /// Repository that it was made from.
        git_source: Option<String>,
        /// Whether plain HTTP is refused now.
        force_https: Option<bool>,
        /// Name before.
        old_name: Option<String>,
        /// Name after.
        new_name: Option<String>,
        /// Owner before.
        old_owner: Option<EventPerson>,
        /// Owner after.
        new_owner: Option<EventPerson>,
        /// Why it was stopped.
        reason: Option<String>,
        /// Id of the stack before.
        previous_stack_id: Option<String>,
        /// Name of the stack before.
        previous_stack_name: Option<String>,
        /// Id of the stack after.
        current_stack_id: Option<String>,
        /// Name of the stack after.
        current_stack_name: Option<String>,
        /// Id of its move to another region.
        migration_id: Option<String>,
        /// Region that it moves from.
        source: Option<String>,
        /// Region that it moves to.
        destination: Option<String>,
        /// Its name there.
        dst_app_name: Option<String>,
    }

    /// A deployment.
    Deployment(DeploymentDetails) of Deployment {
        /// The deployment, to be fetched or followed.
        deployment = "deployment_uuid": Option<DeploymentId>,
        /// Another id of it, within the platform.
        deployment_id: Option<String>,
        /// `deployment` or `archive`.
        deployment_type: Option<String>,
        /// Name of who triggered it.
        pusher: Option<String>,
        /// Label of the version.
        git_ref: Option<String>,
        /// Page of the version.
        git_ref_url: Option<String>,
        /// State.
        status: Option<DeploymentStatus>,
        /// Stack.
        stack: Option<String>,
        /// How long it took, in seconds.
        duration: Option<u64>,
        /// When it ended.
        finished_at: Option<Time>,
        /// What is new in it: `commits`, and the number of those `remaining`.
        last_commits: EventData,
    }

    /// A change of the number or size of containers.
    Scale(ScaleDetails) of Scale {
        /// By type, before: `3:S`, or the number alone.
        previous_containers: BTreeMap<String, String>,
        /// By type, after.
        containers: BTreeMap<String, String>,
    }

    /// A restart of containers.
    Restart(RestartDetails) of Restart {
        /// Which ones; all if it is empty.
        scope: Vec<String>,
        /// Add-on that restarted them.
        addon_name = "addon_name" | "addon_provider": Option<String>,
        /// Why: `user_restart`, `unexpected_failure`, `rebalancing_operation`, `security_maintenance`.
        reason: Option<String>,
    }

    /// A one-off container.
    Run(RunDetails) of Run {
        /// What was run; empty if the operator did.
        command: Option<String>,
        /// What was typed and shown.
        audit_log_id: Option<String>,
        /// How much that is, in bytes.
        audit_log_size: Option<u64>,
        /// Whether it ran by itself.
        detached: Option<bool>,
    }

    /// A crash.
    Crash(CrashDetails) of Crash | RepeatedCrash {
        /// Type of the container.
        container_type: Option<String>,
        /// What it wrote last.
        crash_logs: Option<String>,
        /// Where more of it is.
        logs_url: Option<Secret>,
    }

    /// A change of one variable.
    Variable(VariableDetails) of NewVariable | EditVariable | DeleteVariable {
        /// Name.
        name: Option<String>,
        /// Value: the new one, or that which was deleted.
        value: Option<Secret>,
        /// Value before.
        old_value: Option<Secret>,
        /// Add-on that did it.
        addon_name: Option<String>,
    }

    /// A change of many variables.
    Variables(VariablesDetails) of EditVariables {
        /// Those that were made.
        new = "new_vars": Vec<VariableDetails>,
        /// Those that were changed.
        updated = "updated_vars": Vec<VariableDetails>,
        /// Those that were deleted.
        deleted = "deleted_vars": Vec<VariableDetails>,
    }

    /// A change of a domain.
    Domain(DomainDetails) of NewDomain | EditDomain | DeleteDomain {
        /// Name.
        hostname = "hostname" | "name": Option<String>,
        /// Whether it has a certificate of its own.
        ssl: Option<bool>,
        /// Whether it had one.
        old_ssl: Option<bool>,
    }

    /// A change of an add-on.
    Addon(AddonDetails) of NewAddon | UpgradeAddon | AddonUpdated | SuspendAddon | ResumeAddon | DeleteAddon {
        /// The add-on.
        addon_id: Option<AddonId>,
        /// What its provider calls it.
        resource_id = "resource_id" | "addon_resource_id": Option<String>,
        /// Id of its provider.
        addon_provider_id: Option<AddonProviderId>,
        /// Name of its provider.
        addon_provider_name: Option<String>,
        /// Name of its plan.
        plan_name = "plan_name" | "addon_plan_name" | "new_plan_name": Option<String>,
        /// Name of its plan before.
        old_plan_name: Option<String>,
        /// State.
        status: Option<AddonStatus>,
        /// Why it was suspended.
        reason: Option<String>,
        /// What was changed.
        attributes_changed: Vec<String>,
    }

    /// A change of a database.
    Database(DatabaseDetails) of AddDatabaseFeature | RemoveDatabaseFeature | UpgradeDatabase {
        /// The add-on.
        addon = "addon_uuid": Option<AddonId>,
        /// Name of the add-on.
        addon_name: Option<String>,
        /// Id of its provider.
        addon_provider_id: Option<AddonProviderId>,
        /// Name of its provider.
        addon_provider_name: Option<String>,
        /// Feature that was switched.
        feature: Option<String>,
        /// Version before.
        old_version: Option<String>,
        /// Version after.
        new_version: Option<String>,
        /// Address of who did it.
        remote_ip: Option<String>,
    }

    /// What became of a backup, or of continuous ones.
    Backup(BackupDetails) of DatabaseBackupSucceeded | DatabaseBackupFailed | ContinuousBackupHealthy
        | ContinuousBackupDelayed | ContinuousBackupStale {
        /// The add-on.
        addon = "addon_uuid": Option<AddonId>,
        /// Name of the add-on.
        addon_name: Option<String>,
        /// What its provider calls it.
        resource_id: Option<String>,
        /// The backup.
        backup_id: Option<BackupId>,
        /// How it came about: `periodic`, `manual`.
        backup_method: Option<String>,
        /// State of the backup, or of continuous ones.
        status = "backup_status" | "status": Option<String>,
        /// When it began.
        started_at: Option<Time>,
        /// When it ended.
        ended_at: Option<Time>,
        /// What is wrong with continuous backups.
        error: Option<String>,
        /// Whether the database can be restored.
        recoverable: Option<bool>,
        /// When that was looked at.
        checked_at: Option<Time>,
        /// For how long it cannot, in seconds.
        unrecoverable_duration_seconds: Option<u64>,
        /// Address of who did it.
        remote_ip: Option<String>,
    }

    /// Maintenance of a database.
    Maintenance(MaintenanceDetails) of PlanDatabaseMaintenance | StartDatabaseMaintenance
        | CompleteDatabaseMaintenance {
        /// The maintenance.
        maintenance_id: Option<String>,
        /// What is done.
        maintenance_type: Option<String>,
        /// Name of the add-on.
        addon_name: Option<String>,
        /// Length of the time in which it is done, in hours.
        maintenance_window_in_hours: Option<u64>,
        /// When that begins.
        next_maintenance_window: Option<Time>,
    }

    /// A collaborator.
    Collaborator(CollaboratorDetails) of NewCollaborator | AcceptCollaborator | ChangeCollaboratorRole
        | DeleteCollaborator {
        /// Who.
        collaborator: Option<EventPerson>,
    }

    /// A log drain.
    LogDrain(LogDrainDetails) of NewLogDrain | DeleteLogDrain | NewAddonLogDrain | DeleteAddonLogDrain {
        /// Where logs go; it may hold a token.
        url: Option<Secret>,
        /// The add-on whose logs these are.
        addon = "addon_uuid": Option<AddonId>,
        /// Name of the add-on.
        addon_name: Option<String>,
    }

    /// A notifier.
    Notifier(NotifierDetails) of NewNotifier | EditNotifier | DeleteNotifier {
        /// Name.
        notifier_name: Option<String>,
        /// Whether it is switched on.
        active: Option<bool>,
        /// Whether it sends all events.
        send_all_events: Option<bool>,
        /// Names of the types of events that it sends.
        selected_events: Vec<String>,
        /// Type.
        notifier_type: Option<String>,
        /// Where it sends to, as it came.
        notifier_type_data: EventData,
        /// Name of the platform that it sends to.
        platform_name: Option<String>,
    }

    /// An alert.
    Alert(AlertDetails) of Alert | NewAlert | DeleteAlert {
        /// Type of containers that is watched.
        container_type: Option<String>,
        /// What is measured.
        metric: Option<String>,
        /// Limit.
        limit: Option<f64>,
        /// Limit, to show.
        limit_text: Option<String>,
        /// Value.
        value: Option<f64>,
        /// Value, to show.
        value_text: Option<String>,
        /// Limit, as it is measured.
        raw_limit: Option<f64>,
        /// Value, as it is measured.
        raw_value: Option<f64>,
        /// Whether it went off; false if it ended.
        activated: Option<bool>,
        /// Whether it goes off below the limit.
        send_when_below: Option<bool>,
        /// What went off.
        sender_name: Option<String>,
    }

    /// An autoscaler.
    Autoscaler(AutoscalerDetails) of NewAutoscaler | EditAutoscaler | DeleteAutoscaler {
        /// Type of containers that is scaled.
        container_type: Option<String>,
        /// What is measured.
        metric: Option<String>,
        /// Fewest containers.
        min_containers: Option<u64>,
        /// Most containers.
        max_containers: Option<u64>,
        /// Value that is aimed at.
        target: Option<f64>,
        /// Value that is aimed at, to show.
        target_text: Option<String>,
    }

    /// The link between an application and a repository.
    RepoLink(RepoLinkDetails) of LinkScm | UpdateScm | UnlinkScm | LinkGithub | UnlinkGithub {
        /// Name of the repository.
        repo_name: Option<String>,
        /// Name of who did it.
        linker_username = "linker_username" | "unlinker_username": Option<String>,
        /// Address of the repository.
        source = "source" | "github_source": Option<String>,
        /// Branch.
        branch: Option<String>,
        /// Whether a push to the branch deploys it.
        auto_deploy: Option<bool>,
        /// Whether pull requests get review apps.
        auto_deploy_review_apps: Option<bool>,
        /// Whether a review app is deleted with its pull request.
        delete_on_close: Option<bool>,
        /// How many hours later.
        hours_before_delete_on_close: Option<u64>,
        /// Whether a review app that nobody pushes to is deleted.
        delete_stale: Option<bool>,
        /// After how many hours.
        hours_before_delete_stale: Option<u64>,
        /// Whether pull requests from forks get review apps.
        creation_from_forks_allowed: Option<bool>,
    }

    /// A review app.
    ReviewApp(ReviewAppDetails) of CreateReviewApp | DestroyReviewApp {
        /// Id of the review app.
        app_id: Option<String>,
        /// Its name.
        review_app_name: Option<String>,
        /// Its address.
        review_app_url: Option<String>,
        /// Name of the repository.
        source_repo_name: Option<String>,
        /// Address of the repository.
        source_repo_url: Option<String>,
        /// Title of the pull request.
        pr_name: Option<String>,
        /// Number of the pull request.
        pr_number: Option<u64>,
        /// Page of the pull request.
        pr_url: Option<String>,
        /// Whether it comes from a fork.
        pr_comes_from_a_fork: Option<bool>,
    }

    /// A connection to a platform of repositories.
    Integration(IntegrationDetails) of NewIntegration | DeleteIntegration | AuthorizeGithub | RevokeGithub {
        /// The connection.
        integration_id: Option<ScmIntegrationId>,
        /// Platform.
        integration_type: Option<ScmType>,
        /// The account there.
        account = "data" | "github_user": Option<IntegrationAccount>,
    }

    /// A project.
    Project(ProjectDetails) of NewProject | EditProject | DeleteProject | UpdateAppProject {
        /// The project.
        project_id: Option<String>,
        /// Whether it takes new applications.
        default: Option<bool>,
        /// What was changed.
        updated_values: Vec<ChangedValue>,
        /// Name of the project that an application was in.
        old_project_name: Option<String>,
        /// Name of the project that it is in now.
        new_project_name: Option<String>,
        /// Id of the project that it was in.
        old_project_id: Option<String>,
        /// Id of the project that it is in now.
        new_project_id: Option<String>,
    }

    /// An invitation to take a project over.
    Invitation(InvitationDetails) of NewProjectInvitation | AcceptProjectInvitation | AcceptProjectInvitationError
        | DeclineProjectInvitation | CancelProjectInvitation {
        /// The invitation.
        invitation_id: Option<String>,
        /// Mail address of who shall take it over.
        recipient_email: Option<String>,
        /// Name of who shall take it over.
        recipient_username: Option<String>,
        /// Why it could not be.
        error: Option<String>,
    }

    /// A key of the account.
    Key(KeyDetails) of NewKey | EditKey | DeleteKey {
        /// Name.
        name: Option<String>,
        /// Fingerprint.
        fingerprint: Option<String>,
    }

    /// An API token of the account.
    Token(TokenDetails) of NewToken | RegenerateToken | DeleteToken {
        /// Name.
        token_name: Option<String>,
        /// Id.
        token_id: Option<TokenId>,
    }

    /// Money.
    Payment(PaymentDetails) of AddCredit | AddPaymentMethod | AddVoucher | PaymentAttempt {
        /// How it is paid.
        payment_method = "payment_method" | "payment_method_type": Option<String>,
        /// How much, in euros.
        amount = "amount" | "value": Option<f64>,
        /// What it came to: `new`, `paid`, …
        status: Option<String>,
        /// Code of the voucher.
        code: Option<String>,
        /// Company that pays.
        company: Option<String>,
        /// Its number for the value-added tax.
        vat_number: Option<String>,
    }

    /// What happened to the account itself.
    Account(AccountDetails) of NewUser | LoginSuccess | LoginFailure | LoginLock | LoginUnlockSuccess
        | PasswordResetQuery | PasswordResetSuccess | TfaEnabled | TfaDisabled {
        /// Address of who did it.
        remote_ip: Option<String>,
        /// Kind of the second factor.
        provider: Option<String>,
    }

    /// The operator's right to look at data.
    Consent(ConsentDetails) of CreateDataAccessConsent {
        /// When it ends.
        end_at: Option<Time>,
        /// Whether it is for databases.
        databases: Option<bool>,
        /// Whether it is for containers.
        containers: Option<bool>,
    }

    /// The contact for health data.
    HdsContact(HdsContactDetails) of EditHdsContact {
        /// Name.
        name: Option<String>,
        /// Mail address.
        email: Option<String>,
        /// Telephone number.
        phone_number: Option<String>,
        /// Company.
        company: Option<String>,
        /// Street.
        address_line1: Option<String>,
        /// Rest of the street.
        address_line2: Option<String>,
        /// City.
        address_city: Option<String>,
        /// Postal code.
        address_zip: Option<String>,
        /// Country.
        address_country: Option<String>,
        /// Notes.
        notes: Option<String>,
    }
}

shape! {
    /// Somebody whom an event is about.
    EventPerson {
        /// Id; none of who has no account.
        id: Option<String>,
        /// Name on the platform.
        username: Option<String>,
        /// Mail address.
        email: Option<String>,
        /// Who invited them.
        inviter: Option<Box<EventPerson>>,
        /// Whether they may do a few things only.
        is_limited: Option<bool>,
    }
}

shape! {
    /// An account with a platform of repositories.
    IntegrationAccount {
        /// Name.
        login: Option<String>,
        /// Picture.
        avatar_url: Option<String>,
        /// Page.
        url: Option<String>,
    }
}

shape! {
    /// What was changed of a project.
    ChangedValue {
        /// Name.
        name: Option<String>,
        /// Value before.
        old_value: Option<String>,
        /// Value after.
        value: Option<String>,
    }
}

/// What is made of several fields.
trait Shape {
    fn of(data: &EventData) -> Self;
}

/// What one field is read as.
trait Field {
    fn read(value: Option<&Value>) -> Self;
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

macro_rules! fields {
    ($($type:ty: $read:expr;)+) => {
        $( impl Field for Option<$type> {
            fn read(value: Option<&Value>) -> Self {
                let read: fn(&Value) -> Self = $read;
                value.and_then(read)
            }
        } )+
    };
}

fields! {
    String: text;
    Secret: |value| text(value).map(Secret::from);
    AddonId: |value| text(value).map(AddonId::from);
    AddonProviderId: |value| text(value).map(AddonProviderId::from);
    AddonStatus: |value| text(value).map(AddonStatus::from);
    BackupId: |value| text(value).map(BackupId::from);
    DeploymentId: |value| text(value).map(DeploymentId::from);
    DeploymentStatus: |value| text(value).map(DeploymentStatus::from);
    ScmIntegrationId: |value| text(value).map(ScmIntegrationId::from);
    ScmType: |value| text(value).map(ScmType::from);
    TokenId: |value| text(value).map(TokenId::from);
    Time: |value| Time::deserialize(value).ok();
    bool: |value| de::boolean(value).ok().flatten();
    u64: |value| de::count(value).ok().flatten();
    f64: |value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    Box<EventPerson>: |value| Option::<EventPerson>::read(Some(value)).map(Box::new);
}

impl<S: Shape> Field for Option<S> {
    fn read(value: Option<&Value>) -> Self {
        let value = value.filter(|value| value.is_object())?;
        Some(S::of(&EventData(value.clone())))
    }
}

impl<S: Shape> Field for Vec<S> {
    fn read(value: Option<&Value>) -> Self {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| Option::read(Some(item))).collect()
    }
}

impl Field for Vec<String> {
    fn read(value: Option<&Value>) -> Self {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(text).collect()
    }
}

impl Field for BTreeMap<String, String> {
    fn read(value: Option<&Value>) -> Self {
        let entries = value.and_then(Value::as_object).into_iter().flatten();
        entries
            .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
            .collect()
    }
}

impl Field for EventData {
    fn read(value: Option<&Value>) -> Self {
        Self(value.cloned().unwrap_or_default())
    }
}
