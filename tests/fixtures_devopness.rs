//! Every documented exchange of the Devopness API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::devopness::applications::AppliedTemplate;
use deploykit::devopness::daemons::{DaemonUpdate, NewDaemon};
use deploykit::devopness::pipelines::{NewPipeline, PipelineUpdate};
use deploykit::devopness::virtual_hosts::{NewVirtualHost, VirtualHostUpdate};
use deploykit::devopness::{Client, Dispatched, ENDPOINTS, Nullable};
use deploykit::{Call, Pages};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, load, page, prove, rows_are, unit, value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const ACTION_ID: &str = "x-devopness-action-id";

fn connect(server: &Server) -> Client {
    connected!(Client::builder().token("test-token"), server)
}

#[expect(
    deprecated,
    reason = "deprecated operations work as long as the service has them"
)]
fn call(c: &Client, f: &Fixture) -> Replayed {
    let id = |name: &str| f.id(name);
    let arg = |name: &str| f.arg(name);
    let order = || u32::try_from(f.id("action_step_order")).unwrap();
    match f.operation.as_str() {
        // API tokens
        "listProjectApiTokens" => pages(f, c.api_tokens().list_by_project(id("project_id"))),
        "addProjectApiToken" => value(c.api_tokens().add(id("project_id"), &f.body())),
        "getProjectApiToken" => value(c.api_tokens().get(id("project_id"), arg("token_id"))),
        "revokeProjectApiToken" => unit(c.api_tokens().revoke(id("project_id"), arg("token_id"))),
        "rotateProjectApiToken" => value(c.api_tokens().rotate(
            id("project_id"),
            arg("token_id"),
            &f.body(),
        )),
        "listUserPersonalAccessTokens" => pages(f, c.personal_access_tokens().list()),
        "addUserPersonalAccessToken" => value(c.personal_access_tokens().add(&f.body())),
        "getUserPersonalAccessToken" => value(
            c.personal_access_tokens()
                .get(arg("personal_access_token_id")),
        ),
        "revokeUserPersonalAccessToken" => unit(
            c.personal_access_tokens()
                .revoke(arg("personal_access_token_id")),
        ),
        "rotateUserPersonalAccessToken" => value(
            c.personal_access_tokens()
                .rotate(arg("personal_access_token_id"), &f.body()),
        ),
        // Static data
        "getStaticApplicationOptions" => value(c.static_data().application_options()),
        "listStaticBillingPlansOptions" => pages(f, c.static_data().billing_plans()),
        "getStaticCloudProviderService" => value(
            c.static_data()
                .cloud_service(arg("cloud_provider_service_code")),
        ),
        "listStaticCloudInstancesByCloudProviderServiceCodeAndRegionCode" => pages(
            f,
            c.static_data()
                .cloud_instances(arg("cloud_provider_service_code"), arg("region_code")),
        ),
        "getStaticCredentialOptions" => value(c.static_data().credential_options()),
        "getStaticCronJobOptions" => value(c.static_data().cron_job_options()),
        "getStaticEnvironmentOptions" => value(c.static_data().environment_options()),
        "getStaticNetworkRuleOptions" => value(c.static_data().network_rule_options()),
        "listStaticPermissions" => pages(f, c.static_data().permissions()),
        "listStaticResourceTypes" => pages(f, c.static_data().resource_types()),
        "getStaticServerOptions" => value(c.static_data().server_options()),
        "getStaticServiceOptions" => value(c.static_data().service_options()),
        "getStaticUserProfileOptions" => value(c.static_data().user_profile_options()),
        "getStaticVirtualHostOptions" => value(c.static_data().virtual_host_options()),
        // Actions
        "listActions" => pages(f, c.actions().list(&filter(f))),
        "listActionsByTargetResourceType" => pages(
            f,
            c.actions()
                .list_by_target(arg("target_resource_type"), id("target_resource_id")),
        ),
        "getAction" => value(c.actions().get(id("action_id"))),
        "retryAction" => value(c.actions().retry(id("action_id"))),
        "listActionsByResourceType" => pages(
            f,
            c.actions()
                .list_by_resource(arg("resource_type"), id("resource_id")),
        ),
        "getActionLog" => value(
            c.actions()
                .log(id("action_id"), id("action_target_id"), order()),
        ),
        "listEnvironmentActions" => pages(
            f,
            c.actions()
                .list_by_environment(id("environment_id"), &filter(f)),
        ),
        "listEnvironmentActionsByResourceType" => pages(
            f,
            c.actions().list_by_environment_and_type(
                id("environment_id"),
                arg("resource_type"),
                &filter(f),
            ),
        ),
        "listProjectActionsByResourceType" => pages(
            f,
            c.actions()
                .list_by_project_and_type(id("project_id"), arg("resource_type")),
        ),
        // Applications
        "deleteApplication" => dispatched(f, c.applications().delete(id("application_id"))),
        "getApplication" => value(c.applications().get(id("application_id"))),
        "updateApplication" => unit(c.applications().update(id("application_id"), &f.body())),
        "addApplicationDeployment" => {
            dispatched(f, c.applications().deploy(id("application_id"), &f.body()))
        }
        "listEnvironmentApplications" => pages(
            f,
            c.applications().list_by_environment(id("environment_id")),
        ),
        "addEnvironmentApplication" => value(c.applications().add(id("environment_id"), &f.body())),
        "listApplicationHooks" => pages(f, c.applications().hooks(id("application_id"))),
        "listApplicationVariables" => pages(f, c.applications().variables(id("application_id"))),
        "addApplicationVariable" => value(
            c.applications()
                .add_variable(id("application_id"), &f.body()),
        ),
        "applyTemplateEnvironmentApplication" => applied(
            c.applications()
                .apply_template(id("environment_id"), &f.body()),
        ),
        // Credentials
        "deleteCredential" => unit(c.credentials().delete(id("credential_id"))),
        "getCredential" => value(c.credentials().get(id("credential_id"))),
        "updateCredential" => unit(c.credentials().update(id("credential_id"), &f.body())),
        "getStatusCredential" => dispatched(f, c.credentials().get_status(id("credential_id"))),
        "listEnvironmentCredentials" => pages(
            f,
            c.credentials()
                .list_by_environment(id("environment_id"), &filter(f)),
        ),
        "addEnvironmentCredential" => value(c.credentials().add(id("environment_id"), &f.body())),
        "getEnvironmentCredentialSettings" => value(c.credentials().provider_settings(
            id("environment_id"),
            arg("provider_code"),
            &filter(f),
        )),
        "linkCredentialToEnvironment" => unit(
            c.credentials()
                .link_to_environment(id("environment_id"), id("credential_id")),
        ),
        "unlinkCredentialFromEnvironment" => unit(
            c.credentials()
                .unlink_from_environment(id("environment_id"), id("credential_id")),
        ),
        "listOrganizationCredentials" => pages(
            f,
            c.credentials()
                .list_by_organization(arg("organization_id"), &filter(f)),
        ),
        "addOrganizationCredential" => value(
            c.credentials()
                .add_to_organization(arg("organization_id"), &f.body()),
        ),
        "getOrganizationCredentialSettings" => {
            value(c.credentials().organization_provider_settings(
                arg("organization_id"),
                arg("provider_code"),
                &filter(f),
            ))
        }
        "listCredentialRepositories" => pages(f, c.credentials().repositories(id("credential_id"))),
        "getCredentialRepository" => value(c.credentials().repository(
            id("credential_id"),
            arg("repository_owner"),
            arg("repository_name"),
        )),
        // Cron jobs
        "deleteCronJob" => dispatched(f, c.cron_jobs().delete(id("cron_job_id"))),
        "getCronJob" => value(c.cron_jobs().get(id("cron_job_id"))),
        "updateCronJob" => unit(c.cron_jobs().update(id("cron_job_id"), &f.body())),
        "listEnvironmentCronJobs" => {
            pages(f, c.cron_jobs().list_by_environment(id("environment_id")))
        }
        "addEnvironmentCronJob" => value(c.cron_jobs().add(id("environment_id"), &f.body())),
        "deployCronJob" => dispatched(f, c.cron_jobs().deploy(id("cron_job_id"), &f.body())),
        // Daemons
        "deleteDaemon" => dispatched(f, c.daemons().delete(id("daemon_id"))),
        "getDaemon" => value(c.daemons().get(id("daemon_id"))),
        "updateDaemon" => unit(c.daemons().update(
            id("daemon_id"),
            &clearing(f, |body: DaemonUpdate, field| match field {
                "application_id" => body.application_id(Nullable::Null),
                _ => body,
            }),
        )),
        "getStatusDaemon" => dispatched(f, c.daemons().get_status(id("daemon_id"), &f.body())),
        "deployDaemon" => dispatched(f, c.daemons().deploy(id("daemon_id"), &f.body())),
        "restartDaemon" => dispatched(f, c.daemons().restart(id("daemon_id"), &f.body())),
        "startDaemon" => dispatched(f, c.daemons().start(id("daemon_id"), &f.body())),
        "stopDaemon" => dispatched(f, c.daemons().stop(id("daemon_id"), &f.body())),
        "listEnvironmentDaemons" => pages(f, c.daemons().list_by_environment(id("environment_id"))),
        "addEnvironmentDaemon" => value(c.daemons().add(
            id("environment_id"),
            &clearing(f, |body: NewDaemon, field| match field {
                "application_id" => body.application_id(Nullable::Null),
                _ => body,
            }),
        )),
        // Environments
        "getEnvironment" => value(c.environments().get(id("environment_id"))),
        "updateEnvironment" => unit(c.environments().update(id("environment_id"), &f.body())),
        "deleteEnvironment" => unit(c.environments().delete(id("environment_id"))),
        "archiveEnvironment" => unit(c.environments().archive(id("environment_id"))),
        "unarchiveEnvironment" => unit(c.environments().unarchive(id("environment_id"))),
        "listProjectEnvironments" => pages(f, c.environments().list_by_project(id("project_id"))),
        "addProjectEnvironment" => value(c.environments().add(id("project_id"), &f.body())),
        "listProjectArchivedEnvironments" => pages(
            f,
            c.environments().list_archived_by_project(id("project_id")),
        ),
        // Hooks
        "triggerHook" => dispatched_value(f, c.hooks().trigger(arg("hook_id"))),
        "deleteHook" => unit(c.hooks().delete(arg("hook_type"), arg("hook_id"))),
        "getHook" => value(c.hooks().get(arg("hook_type"), arg("hook_id"))),
        "updateHook" => unit(
            c.hooks()
                .update(arg("hook_type"), arg("hook_id"), &f.body()),
        ),
        "listHookRequestsByHookType" => {
            pages(f, c.hooks().requests(arg("hook_type"), arg("hook_id")))
        }
        "getHookRequest" => value(c.hooks().request(arg("hook_request_id"))),
        // Networks
        "deleteNetwork" => dispatched(f, c.networks().delete(id("network_id"))),
        "getNetwork" => value(c.networks().get(id("network_id"))),
        "updateNetwork" => unit(c.networks().update(id("network_id"), &f.body())),
        "getStatusNetwork" => dispatched(f, c.networks().get_status(id("network_id"))),
        "listEnvironmentNetworks" => pages(
            f,
            c.networks()
                .list_by_environment(id("environment_id"), &filter(f)),
        ),
        "addEnvironmentNetwork" => {
            dispatched_value(f, c.networks().add(id("environment_id"), &f.body()))
        }
        // Network rules
        "deleteNetworkRule" => dispatched(f, c.network_rules().delete(id("network_rule_id"))),
        "getNetworkRule" => value(c.network_rules().get(id("network_rule_id"))),
        "updateNetworkRule" => unit(c.network_rules().update(id("network_rule_id"), &f.body())),
        "listEnvironmentNetworkRules" => pages(
            f,
            c.network_rules().list_by_environment(id("environment_id")),
        ),
        "addEnvironmentNetworkRule" => {
            value(c.network_rules().add(id("environment_id"), &f.body()))
        }
        "deployNetworkRule" => dispatched(
            f,
            c.network_rules().deploy(id("network_rule_id"), &f.body()),
        ),
        // Organizations
        "deleteOrganization" => unit(c.organizations().delete(arg("organization_id"))),
        "listOrganizations" => pages(f, c.organizations().list()),
        "addOrganization" => value(c.organizations().add(&f.body())),
        "getOrganization" => value(c.organizations().get(arg("organization_id"))),
        "updateOrganization" => unit(c.organizations().update(arg("organization_id"), &f.body())),
        // Pipelines
        "deletePipeline" => unit(c.pipelines().delete(id("pipeline_id"))),
        "getPipeline" => value(c.pipelines().get(id("pipeline_id"))),
        "updatePipeline" => unit(c.pipelines().update(
            id("pipeline_id"),
            &clearing(f, |body: PipelineUpdate, field| match field {
                "trigger_when" => body.trigger_when(Nullable::Null),
                _ => body,
            }),
        )),
        "listPipelinesByResourceType" => pages(
            f,
            c.pipelines()
                .list_by_resource(arg("resource_type"), id("resource_id")),
        ),
        "addPipeline" => value(c.pipelines().add(
            arg("resource_type"),
            id("resource_id"),
            &clearing(f, |body: NewPipeline, field| match field {
                "trigger_when" => body.trigger_when(Nullable::Null),
                _ => body,
            }),
        )),
        "listPipelineActions" => pages(f, c.pipelines().actions(id("pipeline_id"))),
        "addPipelineAction" => value(c.pipelines().run(id("pipeline_id"), &f.body())),
        "listPipelineHooks" => pages(f, c.pipelines().hooks(id("pipeline_id"))),
        "addPipelineHook" => value(c.pipelines().add_hook(
            id("pipeline_id"),
            arg("hook_type"),
            &f.body(),
        )),
        "addPipelineStep" => value(c.pipelines().add_step(id("pipeline_id"), &f.body())),
        "updatePipelineStep" => unit(c.pipelines().update_step(
            id("pipeline_id"),
            id("step_id"),
            &f.body(),
        )),
        "linkStepToPipeline" => unit(c.pipelines().link_step(id("pipeline_id"), id("step_id"))),
        "unlinkStepFromPipeline" => {
            unit(c.pipelines().unlink_step(id("pipeline_id"), id("step_id")))
        }
        // Projects
        "listProjects" => pages(f, c.projects().list(&filter(f))),
        "addProject" => value(c.projects().add(&f.body())),
        "getProject" => value(c.projects().get(id("project_id"))),
        "updateProject" => unit(c.projects().update(id("project_id"), &f.body())),
        "deleteProject" => unit(c.projects().delete(id("project_id"))),
        "addOrganizationProject" => value(
            c.projects()
                .add_to_organization(arg("organization_id"), &f.body()),
        ),
        // Resource events
        "listResourceEventsByResourceType" => pages(
            f,
            c.resource_events()
                .list_by_resource(arg("resource_type"), id("resource_id")),
        ),
        "addResourceEvent" => value(
            c.resource_events()
                .add(arg("resource_type"), arg("resource_id")),
        ),
        // Resource links
        "listResourceLinksByResourceType" => pages(
            f,
            c.resource_links()
                .list_by_resource(arg("resource_type"), id("resource_id")),
        ),
        "listResourceLinksByResourceTypeAndLinkType" => pages(
            f,
            c.resource_links().list_by_resource_and_link(
                arg("resource_type"),
                id("resource_id"),
                arg("link_type"),
                &filter(f),
            ),
        ),
        "linkResourceLinkToResourceLink" => unit(c.resource_links().link(
            arg("resource_type"),
            id("resource_id"),
            arg("child_type"),
            id("child_id"),
        )),
        "unlinkResourceLinkFromResourceLink" => unit(c.resource_links().unlink(
            arg("resource_type"),
            id("resource_id"),
            arg("child_type"),
            id("child_id"),
        )),
        // Roles
        "deleteRole" => unit(c.roles().delete(id("role_id"))),
        "getRole" => value(c.roles().get(id("role_id"))),
        "updateRole" => unit(c.roles().update(id("role_id"), &f.body())),
        "listProjectRoles" => pages(f, c.roles().list_by_project(id("project_id"))),
        "addProjectRole" => value(c.roles().add(id("project_id"), &f.body())),
        "listOrganizationRoles" => pages(f, c.roles().list_by_organization(arg("organization_id"))),
        "addOrganizationRole" => value(
            c.roles()
                .add_to_organization(arg("organization_id"), &f.body()),
        ),
        // Servers
        "deployServer" => dispatched(f, c.servers().deploy(id("server_id"))),
        "listEnvironmentServers" => pages(f, c.servers().list_by_environment(id("environment_id"))),
        "addEnvironmentServer" => {
            dispatched_value(f, c.servers().add(id("environment_id"), &f.body()))
        }
        "deleteServer" => dispatched(f, c.servers().delete(id("server_id"), &filter(f))),
        "getServer" => value(c.servers().get(id("server_id"))),
        "updateServer" => unit(c.servers().update(id("server_id"), &f.body())),
        "getServerCommands" => value(c.servers().commands(id("server_id"))),
        "connectServer" => dispatched_as(
            f,
            c.servers()
                .connect(id("server_id"), arg("activation_token")),
            |text| Value::String(text.0),
        ),
        "getStatusServer" => dispatched(f, c.servers().get_status(id("server_id"))),
        "restartServer" => dispatched(f, c.servers().restart(id("server_id"))),
        "rotateKeyServer" => dispatched(f, c.servers().rotate_key(id("server_id"))),
        "startServer" => dispatched(f, c.servers().start(id("server_id"))),
        "stopServer" => dispatched(f, c.servers().stop(id("server_id"))),
        // Services
        "listEnvironmentServices" => {
            pages(f, c.services().list_by_environment(id("environment_id")))
        }
        "addEnvironmentService" => value(c.services().add(id("environment_id"), &f.body())),
        "deleteService" => dispatched(f, c.services().delete(id("service_id"))),
        "getService" => value(c.services().get(id("service_id"))),
        "updateService" => unit(c.services().update(id("service_id"), &f.body())),
        "getStatusService" => dispatched(f, c.services().get_status(id("service_id"), &f.body())),
        "deployService" => dispatched(f, c.services().deploy(id("service_id"), &f.body())),
        "reloadService" => dispatched(f, c.services().reload(id("service_id"), &f.body())),
        "restartService" => dispatched(f, c.services().restart(id("service_id"), &f.body())),
        "startService" => dispatched(f, c.services().start(id("service_id"), &f.body())),
        "stopService" => dispatched(f, c.services().stop(id("service_id"), &f.body())),
        "listServiceVariables" => pages(f, c.services().variables(id("service_id"))),
        "addServiceVariable" => value(c.services().add_variable(id("service_id"), &f.body())),
        // Social accounts
        "listSocialAccounts" => pages(f, c.social_accounts().list()),
        "addSocialAccount" => value(c.social_accounts().add(&f.body())),
        "deleteSocialAccount" => unit(c.social_accounts().delete(id("social_account_id"))),
        "getSocialAccount" => value(c.social_accounts().get(arg("social_account_provider"))),
        "getSocialAccountStatus" => {
            value(c.social_accounts().status(arg("social_account_provider")))
        }
        // SSH keys
        "listEnvironmentSshKeys" => {
            pages(f, c.ssh_keys().list_by_environment(id("environment_id")))
        }
        "addEnvironmentSshKey" => value(c.ssh_keys().add(id("environment_id"), &f.body())),
        "deleteSshKey" => dispatched(f, c.ssh_keys().delete(id("ssh_key_id"))),
        "getSshKey" => value(c.ssh_keys().get(id("ssh_key_id"))),
        "updateSshKey" => unit(c.ssh_keys().update(id("ssh_key_id"), &f.body())),
        "deploySshKey" => dispatched(f, c.ssh_keys().deploy(id("ssh_key_id"), &f.body())),
        // SSL certificates
        "deploySslCertificate" => dispatched(
            f,
            c.ssl_certificates()
                .deploy(id("ssl_certificate_id"), &f.body()),
        ),
        "listEnvironmentSslCertificates" => pages(
            f,
            c.ssl_certificates()
                .list_by_environment(id("environment_id")),
        ),
        "addEnvironmentSslCertificate" => {
            value(c.ssl_certificates().add(id("environment_id"), &f.body()))
        }
        "deleteSslCertificate" => {
            dispatched(f, c.ssl_certificates().delete(id("ssl_certificate_id")))
        }
        "getSslCertificate" => value(c.ssl_certificates().get(id("ssl_certificate_id"))),
        // Subnets
        "deleteSubnet" => dispatched(f, c.subnets().delete(id("subnet_id"))),
        "getSubnet" => value(c.subnets().get(id("subnet_id"))),
        "listNetworkSubnets" => pages(f, c.subnets().list_by_network(id("network_id"), &filter(f))),
        "addNetworkSubnet" => dispatched_value(f, c.subnets().add(id("network_id"), &f.body())),
        "listEnvironmentSubnets" => pages(f, c.subnets().list_by_environment(id("environment_id"))),
        // Teams
        "listOrganizationTeams" => pages(f, c.teams().list_by_organization(arg("organization_id"))),
        "addOrganizationTeam" => value(
            c.teams()
                .add_to_organization(arg("organization_id"), &f.body()),
        ),
        "linkTeamToOrganization" => unit(c.teams().link_to_organization(
            arg("organization_id"),
            id("team_id"),
            &f.body(),
        )),
        "unlinkTeamFromOrganization" => unit(
            c.teams()
                .unlink_from_organization(arg("organization_id"), id("team_id")),
        ),
        "listOrganizationTeamMemberships" => pages(
            f,
            c.teams()
                .memberships_by_organization(arg("organization_id")),
        ),
        "linkTeamToProject" => unit(c.teams().link_to_project(
            id("project_id"),
            id("team_id"),
            &f.body(),
        )),
        "unlinkTeamFromProject" => unit(
            c.teams()
                .unlink_from_project(id("project_id"), id("team_id")),
        ),
        "listProjectTeamMemberships" => {
            pages(f, c.teams().memberships_by_project(id("project_id")))
        }
        "listProjectTeams" => pages(f, c.teams().list_by_project(id("project_id"))),
        "addProjectTeam" => value(c.teams().add(id("project_id"), &f.body())),
        "deleteTeam" => unit(c.teams().delete(id("team_id"))),
        "getTeam" => value(c.teams().get(id("team_id"))),
        "updateTeam" => unit(c.teams().update(id("team_id"), &f.body())),
        "listTeamMemberships" => pages(f, c.teams().memberships(id("team_id"), &filter(f))),
        "listTeamInvitations" => pages(f, c.teams().invitations(id("team_id"))),
        "addTeamInvitation" => value(c.teams().invite(id("team_id"), &f.body())),
        "deleteTeamInvitation" => unit(c.teams().delete_invitation(arg("team_invitation_id"))),
        "acceptTeamInvitation" => unit(
            c.teams()
                .accept_invitation(arg("team_invitation_id"), &filter(f)),
        ),
        "rejectTeamInvitation" => unit(c.teams().reject_invitation(arg("team_invitation_id"))),
        "listTeamMembers" => pages(f, c.teams().members(id("team_id"))),
        "deleteTeamMember" => unit(c.teams().delete_member(id("team_id"), id("user_id"))),
        "getTeamMember" => value(c.teams().member(id("team_id"), id("user_id"))),
        "linkTeamToEnvironment" => unit(c.teams().link_to_environment(
            id("environment_id"),
            id("team_id"),
            &f.body(),
        )),
        "unlinkTeamFromEnvironment" => unit(
            c.teams()
                .unlink_from_environment(id("environment_id"), id("team_id")),
        ),
        "listEnvironmentTeamMemberships" => {
            pages(f, c.teams().list_by_environment(id("environment_id")))
        }
        // Users
        "addUser" => unit(c.users().add()),
        "resendVerificationUser" => unit(c.users().resend_verification(&f.body())),
        "verifyUser" => unit(c.users().verify()),
        "getUserBilling" => value(c.users().billing()),
        "loginUser" => value(c.users().login()),
        "getUserLogout" => unit(c.users().logout()),
        "getUserMe" => value(c.users().me()),
        "refreshTokenUser" => value(c.users().refresh_token(&f.body())),
        "getUserUrls" => value(c.users().urls()),
        "getUser" => value(c.users().get(arg("user_id"))),
        "updateUser" => unit(c.users().update(arg("user_id"))),
        "getUserActivity" => value(c.users().activity(arg("user_id"))),
        "listUserEnvironments" => pages(f, c.users().environments(arg("user_id"), &filter(f))),
        "resetUserPassword" => value(c.users().reset_password(&f.body())),
        "sendResetLinkUserPassword" => unit(c.users().send_reset_link()),
        "listUserProjects" => pages(f, c.users().projects(arg("user_id"), &filter(f))),
        "listUserTeamInvitations" => pages(f, c.users().team_invitations()),
        // Variables
        "listVariablesByResourceType" => pages(
            f,
            c.variables()
                .list_by_resource(arg("resource_type"), id("resource_id"), &filter(f)),
        ),
        "addVariable" => value(c.variables().add(
            arg("resource_type"),
            id("resource_id"),
            &f.body(),
        )),
        "deleteVariable" => unit(c.variables().delete(id("variable_id"))),
        "getVariable" => value(c.variables().get(id("variable_id"))),
        "updateVariable" => unit(c.variables().update(id("variable_id"), &f.body())),
        // Virtual hosts
        "listEnvironmentVirtualHosts" => pages(
            f,
            c.virtual_hosts().list_by_environment(id("environment_id")),
        ),
        "addEnvironmentVirtualHost" => value(c.virtual_hosts().add(
            id("environment_id"),
            &clearing(f, |body: NewVirtualHost, field| match field {
                "application_id" => body.application_id(Nullable::Null),
                "application_listen_address" => body.application_listen_address(Nullable::Null),
                _ => body,
            }),
        )),
        "deleteVirtualHost" => dispatched(f, c.virtual_hosts().delete(id("virtual_host_id"))),
        "getVirtualHost" => value(c.virtual_hosts().get(id("virtual_host_id"))),
        "updateVirtualHost" => unit(c.virtual_hosts().update(
            id("virtual_host_id"),
            &clearing(f, |body: VirtualHostUpdate, field| match field {
                "application_id" => body.application_id(Nullable::Null),
                "application_listen_address" => body.application_listen_address(Nullable::Null),
                _ => body,
            }),
        )),
        "deployVirtualHost" => dispatched(
            f,
            c.virtual_hosts().deploy(id("virtual_host_id"), &f.body()),
        ),
        "getStatusVirtualHost" => dispatched(
            f,
            c.virtual_hosts()
                .get_status(id("virtual_host_id"), &f.body()),
        ),
        other => panic!("no call for {other}"),
    }
}

/// One page. Only the paging is taken from the fixture: filters must come from the call.
fn pages<T: Serialize + Send + 'static>(f: &Fixture, pages: Pages<T>) -> Replayed {
    let mut paging = f.clone();
    paging
        .request
        .query
        .retain(|name, _| matches!(name.as_str(), "page" | "per_page"));
    page(&paging, pages)
}

/// The fixture's query as a request type.
fn filter<T: DeserializeOwned>(f: &Fixture) -> T {
    let typed = |text: &String| match text.as_str() {
        "true" => json!(true),
        "false" => json!(false),
        other => json!(other),
    };
    let query: Value = f
        .request
        .query
        .iter()
        .map(|(name, text)| (name.clone(), typed(text)))
        .collect();
    serde_json::from_value(query).unwrap()
}

/// The fixture's body. serde reads a null in an optional field as not set: `clear` sets it.
fn clearing<T: DeserializeOwned>(f: &Fixture, clear: impl Fn(T, &str) -> T) -> T {
    let nulls = f
        .request
        .body
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_null());
    nulls.fold(f.body(), |body, (field, _)| clear(body, field))
}

/// A call that starts an action: the answer must name it.
fn dispatched_as<T: Send + 'static>(
    f: &Fixture,
    call: Call<Dispatched<T>>,
    read: impl FnOnce(T) -> Value + Send + 'static,
) -> Replayed {
    let named = f.response.headers.get(ACTION_ID).cloned();
    let name = f.name.clone();
    Box::pin(async move {
        let dispatched = call.await?;
        assert_eq!(
            dispatched.action_id.map(|id| id.to_string()),
            named,
            "{name}"
        );
        Ok(read(dispatched.value))
    })
}

fn dispatched(f: &Fixture, call: Call<Dispatched>) -> Replayed {
    dispatched_as(f, call, |_| Value::Null)
}

fn dispatched_value<T: Serialize + Send + 'static>(
    f: &Fixture,
    call: Call<Dispatched<T>>,
) -> Replayed {
    dispatched_as(f, call, |value| serde_json::to_value(value).unwrap())
}

/// A template that was applied, or only checked.
fn applied(call: Call<AppliedTemplate>) -> Replayed {
    Box::pin(async {
        Ok(match call.await? {
            AppliedTemplate::Created(application) => serde_json::to_value(application).unwrap(),
            AppliedTemplate::Valid => Value::Null,
            other => panic!("{other:?}"),
        })
    })
}

#[tokio::test]
async fn all_fixtures_are_sent_exactly_and_read_whole() {
    prove("devopness", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[("id", "identifies it")];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("devopness", &ENDPOINTS, EXCEPTED, connect, call);
}

/// An operation that the service's descriptions list: `name method path`, and since when it is there or gone.
struct Documented {
    operation: &'static str,
    method: &'static str,
    path: &'static str,
    removed: bool,
}

fn documented() -> Vec<Documented> {
    let list = include_str!("../fixtures/devopness/operations.txt");
    let operation = |line: &'static str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [operation, method, path, ref when @ ..] = words[..] else {
            panic!("{line}");
        };
        let removed = when.iter().any(|when| when.starts_with("removed="));
        Documented {
            operation,
            method,
            path,
            removed,
        }
    };
    list.lines().map(operation).collect()
}

#[test]
fn every_operation_of_both_descriptions_is_a_row() {
    let documented = documented();
    let removed = documented.iter().filter(|it| it.removed).count();
    assert_eq!((documented.len() - removed, removed), (232, 5));
    let rows: Vec<_> = documented.iter().map(|it| (it.method, it.path)).collect();
    rows_are(&ENDPOINTS, &rows);
    for it in documented {
        let row = ENDPOINTS
            .iter()
            .find(|row| row.method.as_str() == it.method && row.template == it.path);
        assert_eq!(row.unwrap().operation, it.operation);
    }
}

#[test]
fn what_starts_an_action_is_never_repeated() {
    let starts_action = |f: &Fixture| f.response.headers.contains_key(ACTION_ID);
    let fixtures = load("devopness", &ENDPOINTS);
    let mut rows = ENDPOINTS.iter().filter(|row| {
        let of_row = |f: &&Fixture| f.operation == row.operation;
        fixtures.iter().filter(of_row).any(starts_action)
    });
    assert_eq!(rows.clone().count(), 42);
    assert!(rows.all(|row| !row.idempotent));
}
