//! What is known of the service's descriptions.

use deploykit_tsuru::core::drift::{Kind, Known};

/// The server has these routes, and its description leaves them out.
const UNDESCRIBED: &[&str] = &[
    "AppGetCertificates1_2",
    "addLog",
    "addTeamToPoolHandler",
    "appLogInstance",
    "appRebuildRoutes",
    "appVersionDelete",
    "assignRole",
    "authLogin",
    "authScheme",
    "authSchemes",
    "deployInfo",
    "deployRebuild",
    "deployRollback",
    "deployRollbackUpdate",
    "deploysList",
    "eventBlockAdd",
    "eventBlockList",
    "eventBlockRemove",
    "healthcheck",
    "info",
    "jobDeploy",
    "killJob",
    "killUnit",
    "kindList",
    "listDefaultRoles",
    "listPermissions",
    "listRoles",
    "login",
    "removePermissions",
    "removeTeamToPoolHandler",
    "roleInfo",
    "updateTeam",
    "volumeUpdate",
];

/// The differences that are known, and why they are no fault of the crate: kind, operation, end of the place, reason.
const KNOWN: &[(Kind, &str, &str, &str)] = &[
    (
        Kind::New,
        "RemovePermission",
        "",
        "misspelled; the table has what the server routes",
    ),
    (
        Kind::New,
        "Role assign",
        "",
        "misspelled; the table has what the server routes",
    ),
    (Kind::New, "VolumeUpdate", "", "the server routes POST"),
    (
        Kind::Changed,
        "CertificatUnset",
        "",
        "the server routes this address since the version in the crate's path",
    ),
    (
        Kind::Changed,
        "certificateSet",
        "",
        "the server routes this address since the version in the crate's path",
    ),
    (
        Kind::Changed,
        "DissociateRoleFromGroup",
        "",
        "the server routes this address since the version in the crate's path",
    ),
    (
        Kind::Changed,
        "UpdateRole",
        "",
        "the server routes this address since the version in the crate's path",
    ),
    (
        Kind::Changed,
        "JobServiceInstanceUnbind",
        "body",
        "the server reads no body",
    ),
    (
        Kind::Changed,
        "ServiceInstanceUnbind",
        "body",
        "the server reads no body",
    ),
    (
        Kind::Changed,
        "ServiceInstanceUnbind1_0",
        "body",
        "the server reads no body",
    ),
    (
        Kind::Changed,
        "ResetPassword",
        "body",
        "the token stands in the query",
    ),
    (
        Kind::Changed,
        "UserQuotaChange",
        "body",
        "described as a query; the server reads a form or a body",
    ),
    (
        Kind::Changed,
        "TeamQuotaChange",
        "body",
        "described without its body",
    ),
    (
        Kind::Unsendable,
        "UserQuotaChange",
        "query $.limit",
        "described as a query; the server reads a form or a body",
    ),
    (
        Kind::Undecodable,
        "*",
        " $",
        "nothing is required here; what identifies a thing is always there",
    ),
    (
        Kind::Undecodable,
        "VolumePlansList",
        "200 $.key",
        "the server answers with a list for each kind",
    ),
    (
        Kind::Unsendable,
        "*",
        "body",
        "nothing is required here, and numbers are texts; the server knows better",
    ),
    (
        Kind::Unsendable,
        "AppRouterAdd",
        "",
        "described with the whole stored entity; the server takes less",
    ),
    (
        Kind::Unsendable,
        "AppRouterUpdate",
        "",
        "described with the whole stored entity; the server takes less",
    ),
    (
        Kind::Unsendable,
        "InstanceCreate",
        "",
        "described with the whole stored entity; the server takes less",
    ),
    (
        Kind::Unsendable,
        "VolumeCreate",
        "",
        "described with the whole stored entity; the server takes less",
    ),
    (
        Kind::Unsendable,
        "PermissionAdd",
        "body $.name",
        "stands in the path",
    ),
    (
        Kind::Unsendable,
        "PlanCreate",
        "body $.override",
        "described with the whole stored entity; the server takes less",
    ),
    (
        Kind::Unsendable,
        "EnvSet",
        "body $.envs[].managedBy",
        "is set for all variables at once",
    ),
    (
        Kind::Unsendable,
        "JobEnvSet",
        "body $.envs[].managedBy",
        "is set for all variables at once",
    ),
    (
        Kind::Unsendable,
        "*",
        "query $.email",
        "the server reads `user`",
    ),
    (
        Kind::Unsendable,
        "EnvUnset",
        "query $.norestart",
        "the server reads `noRestart`",
    ),
    (
        Kind::Unsendable,
        "EventList",
        "query $.kindNames",
        "the server reads `kindName`",
    ),
    (Kind::Unchecked, "AppLog", "200", "read line by line"),
    (
        Kind::Unchecked,
        "PlanCreate",
        "201",
        "answers with a word or two, whatever is described",
    ),
    (
        Kind::Unchecked,
        "CreateJob",
        "201",
        "described without its answer",
    ),
];

pub fn known() -> Vec<Known> {
    let undescribed = UNDESCRIBED
        .iter()
        .map(|operation| Known::new(Kind::Gone, *operation, "", "not described"));
    let known = KNOWN.iter();
    known
        .map(|(kind, operation, place, reason)| Known::new(*kind, *operation, *place, *reason))
        .chain(undescribed)
        .collect()
}
