//! Scalingo: every fixture is sent exactly, read whole, and covers a row.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod harness;

use deploykit::core::Call;
use deploykit::scalingo::{
    Client, Database, ENDPOINTS, Event, EventDetails, EventKind, Frame, NewDeployment, NoFields,
    Tokens,
};
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
        .or_else(|| watched(client, f, app))
        .or_else(|| account(client, f))
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
        "updateHdsContact" => value(apps.set_hds_contact(app(), &f.body())),
        "createDataAccessConsent" => value(client.data_access().consent(app(), &f.body())),
        "updateDataAccessConsent" => value(client.data_access().change(app(), &f.body())),
        "deleteDataAccessConsent" => unit(client.data_access().withdraw(app())),
        "getAuditLog" => value(client.one_offs().audit_log(app(), f.arg("audit_log_id"))),
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
        "listContainerSizes" => match f.query_value("app_id") {
            Some(app) => value(containers.sizes_for(app)),
            None => value(containers.sizes()),
        },
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
    let people = client.collaborators();
    let (addon, person) = (|| f.arg("addon_id"), || f.arg("collaborator_id"));
    Some(match f.operation.as_str() {
        "listScmRepoLinks" => match f.query_value("auth_integration_uuid") {
            Some(integration) => page(f, links.of_integration(integration)),
            None => page(f, links.list()),
        },
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
        "listAddonProviders" => match f.query_value("category_id") {
            Some(category) => value(client.addon_providers().in_category(category)),
            None => value(client.addon_providers().list()),
        },
        "listAddonProviderPlans" if f.query_value("show_all").is_some() => {
            value(client.addon_providers().all_plans(f.arg("provider")))
        }
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
        "listDomains" => value(client.domains().list(app())),
        "getDomain" => value(client.domains().get(app(), f.arg("domain_id"))),
        "addDomain" => value(client.domains().add(app(), &f.body())),
        "updateDomain" => value(
            client
                .domains()
                .update(app(), f.arg("domain_id"), &f.body()),
        ),
        "deleteDomain" => unit(client.domains().delete(app(), f.arg("domain_id"))),
        "listCollaborators" => value(people.list(app())),
        "inviteCollaborator" => value(people.invite(app(), &f.body())),
        "updateCollaborator" => value(people.update(app(), person(), &f.body())),
        "removeCollaborator" => unit(people.remove(app(), person())),
        "acceptInvitation" => value(people.accept(&f.query())),
        "listAllCollaborators" => value(people.all()),
        _ => return None,
    })
}

/// What belongs to an account, or to all of them.
fn account(client: &Client, f: &Fixture) -> Option<Replayed> {
    let (projects, dedicated) = (client.projects(), client.dedicated_databases());
    let (keys, scm) = (client.keys(), client.scm_integrations());
    let (id, none) = (|| f.arg("id"), NoFields {});
    let project = || f.arg("project_id");
    let transfer = || f.arg("transfer_id");
    let database = || f.arg("database");
    Some(match f.operation.as_str() {
        "getSelf" => value(client.account().get()),
        "updateAccount" => value(client.account().update(&f.body())),
        "listRoles" => value(client.account().roles()),
        "listOrganizations" => value(client.account().organizations()),
        "stopFreeTrial" => value(client.account().stop_free_trial(&none)),
        "requestAccountDeletion" => unit(client.account().request_deletion()),
        "confirmAccountDeletion" => unit(
            client
                .account()
                .confirm_deletion(f.arg("deletion_id"), &f.body()),
        ),
        "signUp" => unit(client.accounts().sign_up(&f.body())),
        "deleteAccount" => unit(client.accounts().delete_own_account()),
        "listKeys" => value(keys.list()),
        "getKey" => value(keys.get(id())),
        "createKey" => value(keys.create(&f.body())),
        "deleteKey" => unit(keys.delete(id())),
        "listStacks" => value(client.stacks().list()),
        "listRegions" => value(client.regions().list()),
        "listProjects" => value(projects.list()),
        "createProject" => value(projects.create(&f.body())),
        "getProject" => value(projects.get(project())),
        "updateProject" => value(projects.update(project(), &f.body())),
        "deleteProject" => unit(projects.delete(project())),
        "listEligibleNewOwners" => value(projects.eligible_owners(project())),
        "listTransferInvitations" => match f.query_value("status") {
            Some(status) => value(projects.transfers_in(project(), &status.into())),
            None => value(projects.transfers(project())),
        },
        "createTransferInvitation" => value(projects.offer(project(), &f.body())),
        "getTransferInvitation" => value(projects.transfer(project(), transfer())),
        "acceptTransferInvitation" => value(projects.accept(project(), transfer(), &none)),
        "declineTransferInvitation" => value(projects.decline(project(), transfer(), &none)),
        "cancelTransferInvitation" => value(projects.cancel(project(), transfer(), &none)),
        "getProjectPrivateNetwork" => value(projects.private_network(project())),
        "listScmIntegrations" => value(scm.list()),
        "getScmIntegration" => value(scm.get(id())),
        "createScmIntegration" => value(scm.create(&f.body())),
        "deleteScmIntegration" => unit(scm.delete(id())),
        "importScmKeys" => value(scm.import_keys(id())),
        "searchScmRepos" => value(scm.repos(id(), &f.query())),
        "listScmOrganizations" => page(f, scm.organizations(id())),
        "searchScmPullRequests" => value(scm.pulls(id(), &f.query())),
        "listScmBranches" => value(scm.branches(id(), &f.query())),
        "listDatabases" => value(dedicated.list()),
        "createDatabase" => value(dedicated.create(&f.body())),
        "getDedicatedDatabase" => value(dedicated.get(database())),
        "listDatabaseEndpoints" => value(dedicated.endpoints(database())),
        "listNetPeerings" => value(dedicated.net_peerings(database())),
        "createNetPeering" => value(dedicated.peer(database(), &f.body())),
        "getNetPeering" => value(dedicated.net_peering(database(), f.arg("peering_id"))),
        "deleteNetPeering" => unit(dedicated.unpeer(database(), f.arg("peering_id"))),
        "getNetworkConfiguration" => value(dedicated.network(database())),
        _ => return None,
    })
}

/// What tells of an application: events, logs, metrics, and who is told of them.
fn watched(client: &Client, f: &Fixture, app: impl Fn() -> String) -> Option<Replayed> {
    let (events, drains, metrics) = (client.events(), client.log_drains(), client.metrics());
    let (notifiers, platforms) = (client.notifiers(), client.notification_platforms());
    let (alerts, autoscalers) = (client.alerts(), client.autoscalers());
    let (addon, metric) = (|| f.arg("addon_id"), || f.arg("metric"));
    let (notifier, alert) = (|| f.arg("notifier_id"), || f.arg("alert_id"));
    let (autoscaler, kind) = (|| f.arg("autoscaler_id"), || f.arg("container_type"));
    Some(match f.operation.as_str() {
        "listAppEvents" => match f.query_value("from") {
            Some(hours) => page(f, events.recent(app(), hours.parse().unwrap())),
            None => page(f, events.list(app())),
        },
        "listUserEvents" => page(f, events.of_account()),
        "listProjectEvents" => page(f, events.of_project(f.arg("project_id"))),
        "getAppEvent" => value(events.get(app(), f.arg("event_id"))),
        "listEventTypes" => value(events.types()),
        "listEventCategories" => value(events.categories()),
        "listLogDrains" => value(drains.list(app())),
        "addLogDrain" => value(drains.add(app(), &f.body())),
        "deleteLogDrain" => unit(drains.remove(app(), &f.query())),
        "listAddonLogDrains" => value(drains.list_of_addon(app(), addon())),
        "addAddonLogDrain" => value(drains.add_to_addon(app(), addon(), &f.body())),
        "deleteAddonLogDrain" => unit(drains.remove_from_addon(app(), addon(), &f.query())),
        "listCronTasks" => value(client.cron_tasks().list(app())),
        "listNotifiers" => value(notifiers.list(app())),
        "createNotifier" => value(notifiers.create(app(), &f.body())),
        "getNotifier" => value(notifiers.get(app(), notifier())),
        "updateNotifier" => value(notifiers.update(app(), notifier(), &f.body())),
        "deleteNotifier" => unit(notifiers.delete(app(), notifier())),
        "testNotifier" => unit(notifiers.test(app(), notifier())),
        "listNotificationPlatforms" => value(platforms.list()),
        "getNotificationPlatform" => value(platforms.get(f.arg("platform_id"))),
        "searchNotificationPlatforms" => {
            value(platforms.search(f.query_value("name").unwrap_or_default()))
        }
        "listAlerts" => value(alerts.list(app())),
        "createAlert" => value(alerts.create(app(), &f.body())),
        "getAlert" => value(alerts.get(app(), alert())),
        "updateAlert" => value(alerts.update(app(), alert(), &f.body())),
        "deleteAlert" => unit(alerts.delete(app(), alert())),
        "listAutoscalers" => value(autoscalers.list(app())),
        "createAutoscaler" => value(autoscalers.create(app(), &f.body())),
        "getAutoscaler" => value(autoscalers.get(app(), autoscaler())),
        "updateAutoscaler" => value(autoscalers.update(app(), autoscaler(), &f.body())),
        "deleteAutoscaler" => unit(autoscalers.delete(app(), autoscaler())),
        "listMetrics" => value(metrics.list()),
        "getStats" => value(metrics.now(app())),
        "getMetric" => value(metrics.of_app(app(), metric(), &f.query())),
        "getContainerMetric" => value(metrics.of_type(app(), metric(), kind(), &f.query())),
        "getContainerIndexMetric" => {
            let index = u32::try_from(f.id("index")).unwrap();
            value(metrics.of_container(app(), metric(), kind(), index, &f.query()))
        }
        "getRecommendedValue" => value(metrics.recommended(app(), metric(), &f.query())),
        _ => return None,
    })
}

/// The database API, with the token at hand: that it is asked for, `tests/scalingo` shows.
fn database(client: &Client, f: &Fixture) -> Option<Replayed> {
    if !f.request.path.starts_with("/api/") {
        return None;
    }
    let addon = match f.request.path.starts_with("/api/databases/") {
        true => f.arg("addon_id"),
        false => String::new(),
    };
    let database = Database::new(&client.core().bound("addon_id", addon));
    let (backups, users) = (database.backups(), database.users());
    let (catalog, metrics) = (database.catalog(), database.metrics());
    let (firewall, rule) = (database.firewall(), || f.arg("rule_id"));
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
        "getDatabasePlan" => value(catalog.plan()),
        "getPlan" => value(catalog.plan_of(f.arg("plan_id"), &f.query())),
        "listDatabaseTypes" => value(catalog.types()),
        "getDatabaseType" => value(catalog.type_of(f.arg("id"))),
        "getDatabaseTypeVersion" => value(catalog.version(f.arg("id"))),
        "getDatabaseMetrics" => value(metrics.now()),
        "getDatabaseMetric" => value(metrics.get(f.arg("metric"), &f.query())),
        "getInstanceMetric" => {
            value(metrics.of_instance(f.arg("instance_id"), f.arg("metric"), &f.query()))
        }
        "getDatabaseHealth" => value(metrics.health()),
        "getInstancesStatus" => value(metrics.instances()),
        "getLag" => value(metrics.lag()),
        "pingDatabase" => value(metrics.ping(&none)),
        "getDatabaseLogsUrl" => value(database.logs().url()),
        "listDatabaseLogsArchives" => page(f, database.logs().archives()),
        "listFirewallRules" => value(firewall.list()),
        "createFirewallRule" => value(firewall.create(&f.body())),
        "updateFirewallRule" => value(firewall.update(rule(), &f.body())),
        "deleteFirewallRule" => unit(firewall.delete(rule())),
        "listManagedRanges" => value(firewall.managed_ranges()),
        "getMaintenance" => value(database.maintenance().get(f.arg("maintenance_id"))),
        _ => return None,
    })
}

#[tokio::test]
async fn fixtures() {
    prove("scalingo", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[
    ("id", "identifies it"),
    ("drains[].url", "identifies a log drain"),
    ("drain.url", "identifies a log drain"),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("scalingo", &ENDPOINTS, EXCEPTED, connect, call);
}

/// Methods beside the table: they go to addresses that the server gave.
const METHODS: [&str; 4] = ["uploadSource", "attachWait", "dumpLogs", "streamLogs"];

/// What is no row, and why.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "billing, contracts, two-factor authentication",
        &[
            "getUsage",
            "getReferralStats",
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

/// What events may show nobody by accident, and what is kept as it came.
const NOT_SHOWN: [&str; 5] = ["value", "old_value", "url", "logs_url", "webhook_url"];

/// The values of an event's data that its details have to show.
fn told<'a>(name: &str, data: &'a Value, found: &mut Vec<&'a Value>) {
    match data {
        Value::Null | Value::String(_) | Value::Number(_) if NOT_SHOWN.contains(&name) => {}
        Value::Object(fields) if !matches!(name, "last_commits" | "stripe") => {
            fields
                .iter()
                .for_each(|(name, value)| told(name, value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| told(name, item, found)),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => found.push(data),
        _ => {}
    }
}

/// Letters and digits alone: an enumeration shows its values in another spelling.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.collect::<String>().to_lowercase()
}

#[test]
fn all_kinds_of_events_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scalingo/events.json");
    let events: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for json in events {
        let event: Event = serde_json::from_value(json.clone()).unwrap();
        assert!(kinds.insert(event.kind.to_string()), "{} twice", event.kind);
        assert!(event.kind.is_known(), "{}", event.kind);
        let details = event.details();
        assert_ne!(details, EventDetails::Unknown, "{}", event.kind);
        let shown = format!("{details:?}");
        let mut values = Vec::new();
        told("", &json["type_data"], &mut values);
        for value in values {
            let time = value
                .as_str()
                .and_then(|text| deploykit::Time::parse(text).timestamp());
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert!(
                time.is_some() || plain(&shown).contains(&plain(&text)),
                "{}: {text} is not in {shown}",
                event.kind
            );
        }
        assert!(
            !format!("{shown} {event:?} {event:#?}").contains("canary"),
            "{event:?}"
        );
        // Nothing is lost: it is written as it came.
        let written = serde_json::to_value(&event).unwrap();
        let data = json.get("type_data").unwrap_or(&Value::Null);
        assert_eq!(
            (&written["type_data"], &written["type"]),
            (data, &json["type"])
        );
    }
    let known: std::collections::BTreeSet<_> = EventKind::KNOWN
        .iter()
        .map(|kind| (*kind).to_owned())
        .collect();
    assert_eq!(kinds, known);
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
