//! Scalingo: every fixture is sent exactly, read whole, and covers a row.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod harness;

use deploykit::core::Call;
use deploykit::scalingo::{Client, Database, ENDPOINTS, Frame, NewDeployment, NoFields, Tokens};
use deploykit::{RetryPolicy, Secret};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, page, prove, text, unit, value};
use serde_json::Value;

struct Clients {
    api: Client,
    auth: deploykit::core::Client,
}

fn connect(server: &Server) -> Clients {
    let auth = deploykit::core::Client::builder(&server.url)
        .credential(deploykit::core::Basic::new("", &Secret::from("tk-us-test")).unwrap())
        .retry(RetryPolicy::never());
    let auth = match server.transport.clone() {
        Some(transport) => auth.transport(transport),
        None => auth,
    };
    Clients {
        api: connected!(Client::builder().bearer("test-token"), server),
        auth: auth.build().unwrap(),
    }
}

/// A call of which only what was sent, and that it succeeded, is compared: its value is not what was answered.
fn done<T: 'static>(call: Call<T>) -> Replayed {
    Box::pin(async { call.await.map(|_| Value::Null) })
}

fn call(clients: &Clients, f: &Fixture) -> Replayed {
    let client = &clients.api;
    let app = || f.arg("app");
    regional(client, f, app)
        .or_else(|| around(client, f, app))
        .or_else(|| database(client, f))
        .unwrap_or_else(|| match f.operation.as_str() {
            "exchangeToken" => value(Tokens::new(&clients.auth).exchange(&NoFields {})),
            other => panic!("{other} is not called"),
        })
}

/// Applications and what runs in them.
fn regional(client: &Client, f: &Fixture, app: impl Fn() -> String) -> Option<Replayed> {
    let (apps, deployments) = (client.apps(), client.deployments());
    let (environment, containers) = (client.environment(), client.containers());
    Some(match f.operation.as_str() {
        "listApps" => value(apps.list()),
        "getApp" => value(apps.get(app())),
        "createApp" if f.request.headers.contains_key("x-dry-run") => {
            value(apps.dry_run(&f.body()))
        }
        "createApp" => value(apps.create(&f.body())),
        "updateApp" => value(apps.update(app(), &f.body())),
        "transferApp" => value(apps.transfer(app(), &f.query(), &f.body())),
        "renameApp" => value(apps.rename(app(), &f.body())),
        "deleteApp" => unit(apps.delete(app(), &f.query())),
        "createChildApp" => value(apps.create_child(app(), &f.body())),
        "listChildApps" => page(f, apps.children(app())),
        "listPrivateNetworkDomainNames" => page(f, apps.private_names(app())),
        "listDeployments" => page(f, deployments.list(app())),
        "getDeployment" => value(deployments.get(app(), f.arg("deployment_id"))),
        "triggerDeployment" => value(deployments.trigger(app(), &f.body::<NewDeployment>())),
        "getDeploymentOutput" => text(deployments.output(app(), f.arg("deployment_id"))),
        "resetDeploymentCache" => unit(deployments.reset_cache(app())),
        "getOperation" => value(client.operations().get(app(), f.arg("operation_id"))),
        "createSource" => value(client.sources().create(&NoFields {})),
        "listVariables" if f.query_value("aliases").is_some() => {
            value(environment.list_resolved(app()))
        }
        "listVariables" => value(environment.list(app())),
        "setVariable" => value(environment.set(app(), &f.body())),
        "setVariables" => value(environment.set_all(app(), &f.body())),
        "updateVariable" => value(environment.update(app(), f.arg("variable_id"), &f.body())),
        "deleteVariable" => unit(environment.delete(app(), f.arg("variable_id"))),
        "deleteVariables" => unit(environment.delete_all(app(), &f.body())),
        "listContainers" => value(containers.list(app())),
        "listContainerTypes" => value(containers.types(app())),
        "scale" => {
            let call = containers.scale(app(), &f.body());
            Box::pin(async { Ok(serde_json::to_value(call.await?.containers).unwrap()) })
        }
        "restart" => done(containers.restart(app(), &f.body())),
        "stopContainer" => done(containers.stop(app(), f.arg("container_id"))),
        "killContainer" => unit(containers.kill(app(), f.arg("container_id"), &f.body())),
        "listContainerSizes" => value(containers.sizes()),
        "runOneOff" => value(client.one_offs().start(app(), &f.body())),
        "getLogsUrl" => value(client.logs().url(app())),
        "listLogsArchives" => page(f, client.logs().archives(app())),
        "listTokens" => value(client.tokens().list()),
        "createToken" => value(client.tokens().create(&f.body())),
        "getToken" => value(client.tokens().get(f.arg("id"))),
        "renewToken" => value(client.tokens().renew(f.arg("id"))),
        "deleteToken" => unit(client.tokens().delete(f.arg("id"))),
        _ => return None,
    })
}

/// What stands around an application.
fn around(client: &Client, f: &Fixture, app: impl Fn() -> String) -> Option<Replayed> {
    let (links, addons) = (client.scm_repo_links(), client.addons());
    let addon = || f.arg("addon_id");
    Some(match f.operation.as_str() {
        "listScmRepoLinks" => page(f, links.list()),
        "createScmRepoLink" => value(links.create(app(), &f.body())),
        "getScmRepoLink" => value(links.get(app())),
        "updateScmRepoLink" => value(links.update(app(), &f.body())),
        "deleteScmRepoLink" => unit(links.delete(app())),
        "manualDeploy" => value(links.deploy(app(), &f.body())),
        "manualReviewApp" => value(links.review(app(), &f.body())),
        "listReviewApps" => value(links.review_apps(app())),
        "listPulls" => value(links.pulls(app())),
        "getPull" => value(links.pull(app(), f.id("number"))),
        "listBranches" => value(links.branches(app())),
        "listScmDeployments" => value(links.deployments(app())),
        "listAddonProviders" => value(client.addon_providers().list()),
        "listAddonProviderPlans" => value(client.addon_providers().plans(f.arg("provider"))),
        "listAddonCategories" => value(client.addon_providers().categories()),
        "listAddons" => value(addons.list(app())),
        "getAddon" => value(addons.get(app(), addon())),
        "provisionAddon" => value(addons.provision(app(), &f.body())),
        "changeAddonPlan" => value(addons.change_plan(app(), addon(), &f.body())),
        "deleteAddon" => unit(addons.delete(app(), addon())),
        "createAddonToken" => value(addons.token(app(), addon())),
        "getAddonSso" => value(addons.sso(app(), addon())),
        "resumeAddon" => value(addons.resume(app(), addon())),
        _ => return None,
    })
}

/// The database API, with the token at hand: that it is asked for, `tests/scalingo` shows.
fn database(client: &Client, f: &Fixture) -> Option<Replayed> {
    if !f.request.path.starts_with("/api/") {
        return None;
    }
    let database = Database::new(&client.core().bound("addon_id", f.arg("addon_id")));
    let (backups, users) = (database.backups(), database.users());
    let none = NoFields {};
    Some(match f.operation.as_str() {
        "getDatabase" => value(database.get()),
        "updateDatabase" => value(database.update(&f.body())),
        "upgradeDatabase" => done(database.upgrade(&none)),
        "restorePointInTime" => done(database.restore_to(&f.body())),
        "getRecoveryWindow" => value(database.recovery_window()),
        "enableFeature" => value(database.enable(&f.body())),
        "disableFeature" => value(database.disable(&f.query())),
        "databaseAction" => value(database.act(&f.body())),
        "getDatabaseOperation" => value(database.operation(f.arg("operation_id"))),
        "listBackups" => value(backups.list()),
        "createBackup" => value(backups.create(&none)),
        "getBackup" => value(backups.get(f.arg("backup_id"))),
        "getBackupArchive" => value(backups.url(f.arg("backup_id"))),
        "restoreBackup" => value(backups.restore(f.arg("backup_id"), &none)),
        "getBackupRestoration" => value(backups.restoration(f.arg("restoration_id"))),
        "listDatabaseUsers" => value(users.list()),
        "createDatabaseUser" => value(users.create(&f.body())),
        "updateDatabaseUser" => value(users.update(f.arg("username"), &f.body())),
        "deleteDatabaseUser" => unit(users.delete(f.arg("username"))),
        "resetDatabaseUserPassword" => value(users.reset_password(f.arg("username"))),
        "listMaintenance" => page(f, database.maintenance().list()),
        "getMaintenance" => value(database.maintenance().get(f.arg("maintenance_id"))),
        _ => return None,
    })
}

#[tokio::test]
async fn fixtures() {
    prove("scalingo", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[("id", "identifies it")];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("scalingo", &ENDPOINTS, EXCEPTED, connect, call);
}

/// Methods beside the table: they go to addresses that the server gave.
const METHODS: [&str; 4] = ["uploadSource", "attachWait", "dumpLogs", "streamLogs"];

/// What is no row, and why.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "setting up an account, done once and by hand",
        &[
            "updateHdsContact",
            "createDataAccessConsent",
            "updateDataAccessConsent",
            "deleteDataAccessConsent",
            "getAuditLog",
            "getSelf",
            "updateAccount",
            "stopFreeTrial",
            "listRoles",
            "requestAccountDeletion",
            "confirmAccountDeletion",
            "deleteAccount",
            "signUp",
            "getUsage",
            "getReferralStats",
            "listOrganizations",
            "listContracts",
            "listContractHistory",
            "getContract",
            "acceptContract",
            "listBillingOperations",
            "getBillingProfile",
            "getProfile",
            "createProfile",
            "updateProfile",
            "listInvoices",
            "getInvoice",
            "downloadInvoice",
            "getTfa",
            "initiateTfa",
            "validateTfa",
            "disableTfa",
        ],
    ),
    (
        "a terminal: commands are run detached",
        &["attachResize", "attachUpload", "attachConnect"],
    ),
    (
        "not done yet: around an application",
        &[
            "listDomains",
            "getDomain",
            "addDomain",
            "updateDomain",
            "deleteDomain",
            "listLogDrains",
            "addLogDrain",
            "deleteLogDrain",
            "listAddonLogDrains",
            "addAddonLogDrain",
            "deleteAddonLogDrain",
            "listAppEvents",
            "listUserEvents",
            "getAppEvent",
            "listProjectEvents",
            "listEventTypes",
            "listEventCategories",
            "listAlerts",
            "createAlert",
            "getAlert",
            "updateAlert",
            "deleteAlert",
            "listAutoscalers",
            "createAutoscaler",
            "getAutoscaler",
            "updateAutoscaler",
            "deleteAutoscaler",
            "listCronTasks",
            "listCollaborators",
            "inviteCollaborator",
            "updateCollaborator",
            "removeCollaborator",
            "acceptInvitation",
            "listAllCollaborators",
            "listNotificationPlatforms",
            "getNotificationPlatform",
            "searchNotificationPlatforms",
            "listNotifiers",
            "createNotifier",
            "getNotifier",
            "updateNotifier",
            "deleteNotifier",
            "testNotifier",
            "listMetrics",
            "getStats",
            "getMetric",
            "getContainerMetric",
            "getContainerIndexMetric",
            "getRecommendedValue",
            "listStacks",
            "listRegions",
        ],
    ),
    (
        "not done yet: around an account",
        &[
            "listProjects",
            "createProject",
            "getProject",
            "updateProject",
            "deleteProject",
            "listEligibleNewOwners",
            "listTransferInvitations",
            "createTransferInvitation",
            "getTransferInvitation",
            "acceptTransferInvitation",
            "declineTransferInvitation",
            "cancelTransferInvitation",
            "getProjectPrivateNetwork",
            "listKeys",
            "getKey",
            "createKey",
            "deleteKey",
            "listScmIntegrations",
            "getScmIntegration",
            "createScmIntegration",
            "deleteScmIntegration",
            "importScmKeys",
            "searchScmRepos",
            "listScmOrganizations",
            "searchScmPullRequests",
            "listScmBranches",
        ],
    ),
    (
        "not done yet: networks, plans, metrics and logs of databases",
        &[
            "listDatabases",
            "createDatabase",
            "getDedicatedDatabase",
            "listDatabaseEndpoints",
            "listNetPeerings",
            "createNetPeering",
            "getNetPeering",
            "deleteNetPeering",
            "getNetworkConfiguration",
            "getDatabasePlan",
            "getPlan",
            "pingDatabase",
            "listDatabaseTypes",
            "getDatabaseType",
            "getDatabaseTypeVersion",
            "getDatabaseMetrics",
            "getDatabaseMetric",
            "getInstanceMetric",
            "getDatabaseHealth",
            "getInstancesStatus",
            "getLag",
            "getDatabaseLogsUrl",
            "listDatabaseLogsArchives",
            "listFirewallRules",
            "createFirewallRule",
            "updateFirewallRule",
            "deleteFirewallRule",
            "listManagedRanges",
        ],
    ),
];

#[test]
fn every_operation_of_the_service_is_a_row_or_left_out_for_a_reason() {
    // Placeholders have names of their own here and there.
    let plain = |path: &str| {
        let segments = path
            .split('/')
            .map(|segment| match segment.starts_with('{') {
                true => "{}",
                false => segment,
            });
        segments.collect::<Vec<_>>().join("/")
    };
    let left_out: Vec<_> = LEFT_OUT.iter().flat_map(|(_, names)| *names).collect();
    let mut rows: Vec<_> = ENDPOINTS.iter().map(|row| row.operation).collect();
    let list = include_str!("scalingo_operations.txt");
    for operation in list.lines() {
        let [name, method, path] = operation.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{operation}");
        };
        match ENDPOINTS.iter().find(|row| row.operation == name) {
            Some(row) => {
                assert_eq!(
                    (row.method.as_str(), plain(row.template)),
                    (method, plain(path)),
                    "{name}"
                );
                assert!(!left_out.contains(&&name), "{name} is a row and left out");
                rows.retain(|row| *row != name);
            }
            None => assert!(
                left_out.contains(&&name) || METHODS.contains(&name),
                "{name} is no row"
            ),
        }
    }
    assert!(rows.is_empty(), "rows of no operation: {rows:?}");
    assert_eq!(
        ENDPOINTS.len() + left_out.len() + METHODS.len(),
        list.lines().count()
    );
}

#[test]
fn frames() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scalingo/frames.json");
    let frames: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(frames.len() > 10);
    for fixture in frames {
        let text = match &fixture["frame"] {
            Value::String(raw) => raw.clone(),
            json => json.to_string(),
        };
        let read = Frame::parse(&text);
        let kind = fixture["kind"].as_str().unwrap();
        let fits = match (kind, &read) {
            (
                "log",
                Some(Frame::Log {
                    deployment,
                    content,
                }),
            ) => {
                *deployment == fixture["frame"]["id"].as_str().unwrap()
                    && content == fixture["frame"]["data"]["content"].as_str().unwrap()
            }
            ("status", Some(Frame::Status { deployment, .. })) => {
                *deployment == fixture["frame"]["id"].as_str().unwrap()
            }
            ("new", Some(Frame::New { deployment, .. })) => text.contains(deployment.as_str()),
            ("ping", Some(Frame::Ping { .. })) | ("unknown", Some(Frame::Unknown(_))) => true,
            ("malformed", None | Some(Frame::Unknown(_))) => true,
            _ => false,
        };
        assert!(fits, "{kind}: {text} was read as {read:?}");
    }
}
