//! The kinds of things that are kept, and where the API shows them.

/// One kind of thing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// Its segment in paths.
    pub(super) collection: &'static str,
    /// Its name as a resource type.
    pub(super) resource: &'static str,
    /// The model of a single one.
    pub(super) single: &'static str,
    /// The model of one in a list, or within another.
    pub(super) relation: &'static str,
    /// Whether it lives in a cloud: it is provisioned first, and destroyed at the end.
    pub(super) cloud: bool,
}

const fn kind(
    collection: &'static str,
    resource: &'static str,
    single: &'static str,
    relation: &'static str,
) -> Kind {
    Kind {
        collection,
        resource,
        single,
        relation,
        cloud: false,
    }
}

const fn cloud(kind: Kind) -> Kind {
    Kind {
        cloud: true,
        ..kind
    }
}

pub(super) static PROJECT: Kind = kind("projects", "project", "Project", "ProjectRelation");
pub(super) static ENVIRONMENT: Kind = kind(
    "environments",
    "environment",
    "Environment",
    "EnvironmentRelation",
);
pub(super) static SERVER: Kind = cloud(kind("servers", "server", "Server", "ServerRelation"));
pub(super) static APPLICATION: Kind = kind(
    "applications",
    "application",
    "Application",
    "ApplicationRelation",
);
pub(super) static CREDENTIAL: Kind = kind(
    "credentials",
    "credential",
    "Credential",
    "CredentialRelation",
);
pub(super) static NETWORK: Kind = cloud(kind("networks", "network", "Network", "NetworkRelation"));
pub(super) static DAEMON: Kind = kind("daemons", "daemon", "Daemon", "DaemonRelation");
pub(super) static VIRTUAL_HOST: Kind = kind(
    "virtual-hosts",
    "virtual-host",
    "VirtualHost",
    "VirtualHostRelation",
);
pub(super) static SSL_CERTIFICATE: Kind = kind(
    "ssl-certificates",
    "ssl-certificate",
    "SslCertificate",
    "SslCertificateRelation",
);
pub(super) static PIPELINE: Kind = kind("pipelines", "pipeline", "Pipeline", "PipelineRelation");
pub(super) static HOOK: Kind = kind("hooks", "hook", "Hook", "HookRelation");
pub(super) static HOOK_REQUEST: Kind = kind(
    "hook-requests",
    "hook-request",
    "HookRequest",
    "RequestRelation",
);
pub(super) static VARIABLE: Kind = kind("variables", "variable", "Variable", "VariableRelation");
pub(super) static ROLE: Kind = kind("roles", "role", "Role", "RoleRelation");
pub(super) static PROJECT_TOKEN: Kind = kind("tokens", "token", "ApiToken", "ApiTokenRelation");
/// Of a log-in; it is not listed.
pub(super) static LOGIN: Kind = kind("logins", "login", "", "");
pub(super) static PERSONAL_TOKEN: Kind = kind(
    "personal-access-tokens",
    "personal-access-token",
    "PersonalAccessToken",
    "PersonalAccessTokenRelation",
);

pub(super) static CRON_JOB: Kind = kind("cron-jobs", "cronjob", "CronJob", "CronJobRelation");
static NETWORK_RULE: Kind = kind(
    "network-rules",
    "network-rule",
    "NetworkRule",
    "NetworkRuleRelation",
);
static SERVICE: Kind = kind("services", "service", "Service", "ServiceRelation");
static SSH_KEY: Kind = kind("ssh-keys", "ssh-key", "SshKey", "SshKeyRelation");
pub(super) static SUBNET: Kind = cloud(kind("subnets", "subnet", "Subnet", "SubnetRelation"));
static TEAM: Kind = kind("teams", "team", "Team", "TeamRelation");
pub(super) static ORGANIZATION: Kind = kind(
    "organizations",
    "organization",
    "Organization",
    "OrganizationRelation",
);

/// The kinds that are created, listed, fetched, changed and deleted in the usual way.
static USUAL: [&Kind; 18] = [
    &PROJECT,
    &ENVIRONMENT,
    &SERVER,
    &APPLICATION,
    &CREDENTIAL,
    &NETWORK,
    &DAEMON,
    &VIRTUAL_HOST,
    &SSL_CERTIFICATE,
    &PIPELINE,
    &VARIABLE,
    &ROLE,
    &CRON_JOB,
    &NETWORK_RULE,
    &SERVICE,
    &SSH_KEY,
    &SUBNET,
    &TEAM,
];

impl Kind {
    /// The kind of that segment in paths.
    pub(super) fn of_collection(collection: &str) -> Option<&'static Kind> {
        Self::usual().find(|kind| kind.collection == collection)
    }

    /// The kind of that resource type.
    pub(super) fn of_resource(resource: &str) -> Option<&'static Kind> {
        Self::usual().find(|kind| kind.resource == resource)
    }

    pub(super) fn usual() -> impl Iterator<Item = &'static Kind> {
        USUAL.iter().copied().chain([&ORGANIZATION])
    }
}
