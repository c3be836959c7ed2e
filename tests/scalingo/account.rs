//! What belongs to an account, and what stands around an application for longer than a deployment.

use std::time::Duration;

use deploykit::ErrorKind;
use deploykit::scalingo::{
    AccountChange, AppSettings, Client, CollaboratorChange, Database, DatabaseMetricQuery,
    DomainChange, FirewallRuleLabel, Invitation, InvitationToken, LogsQuery, NewDedicatedDatabase,
    NewDomain, NewFirewallRule, NewNetPeering, NewProject, NewScmIntegration, NewSshKey, NewToken,
    NewTransfer, NoFields, PlanSoftware, ProjectChange, ScmRepoName, ScmSearch, ScmType, SslStatus,
    TransferStatus,
};
use deploykit_sandbox::{Builder, Recorded, scalingo::Scalingo};

use crate::support::{APP, bounded, builder, client, count, sandbox, start};

/// Things that take seconds take a hundredth of that.
fn fast() -> Builder<Scalingo> {
    sandbox().speed(100.0)
}

/// How often is looked.
const SOON: Duration = Duration::from_millis(5);

async fn database(client: &Client) -> Database {
    let addons = client.addons().list(APP).await.unwrap();
    client.database(APP, &addons[0].id)
}

#[tokio::test]
async fn domains_come_to_a_certificate_or_say_why_not() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let domains = client.domains();
    let first = domains
        .add(APP, &NewDomain::new("www.example.com"))
        .await
        .unwrap();
    assert_eq!(first.ssl, Some(false));
    let wait = domains
        .wait_for_certificate(APP, &first.id)
        .every(SOON, SOON);
    let first = bounded(wait.into_future()).await.unwrap();
    assert_eq!(first.ssl_status, Some(SslStatus::Success));

    let own = NewDomain::new("example.com")
        .tlscert("-----BEGIN CERTIFICATE-----")
        .tlskey("-----BEGIN PRIVATE KEY-----canary")
        .canonical(true);
    let second = domains.add(APP, &own).await.unwrap();
    assert_eq!((second.ssl, second.canonical), (Some(true), Some(true)));
    assert!(!format!("{own:?} {second:?}").contains("canary"));
    // There is one canonical domain.
    let canonical = DomainChange::new().canonical(true);
    domains.update(APP, &first.id, &canonical).await.unwrap();
    let second = domains.get(APP, &second.id).await.unwrap();
    assert_eq!(second.canonical, Some(false));
    let without = DomainChange::new().without_certificate();
    let second = domains.update(APP, &second.id, &without).await.unwrap();
    assert_eq!(second.tlscert.as_deref(), Some(""));

    let refused = domains
        .add(APP, &NewDomain::new("nobody.invalid"))
        .await
        .unwrap();
    let wait = domains
        .wait_for_certificate(APP, refused.id)
        .every(SOON, SOON);
    let error = bounded(wait.into_future()).await.unwrap_err().cause;
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.to_string().contains("does not lead here"), "{error}");

    // Nothing but the DNS can help here: the wait says what is missing.
    let wild = domains
        .add(APP, &NewDomain::new("*.example.com"))
        .await
        .unwrap();
    let wait = domains.wait_for_certificate(APP, wild.id);
    let error = bounded(wait.deadline(Duration::from_secs(1)).into_future()).await;
    let error = error.unwrap_err();
    let last = error.last.unwrap();
    assert_eq!(
        last.acme_dns_fqdn.as_deref(),
        Some("_acme-challenge.example.com")
    );

    let again = domains
        .add(APP, &NewDomain::new("example.com"))
        .await
        .unwrap_err();
    assert_eq!(again.status(), Some(422));
    domains.delete(APP, &first.id).await.unwrap();
    let gone = domains.get(APP, &first.id).await.unwrap_err();
    assert_eq!(gone.status(), Some(404));
    assert_eq!(domains.list(APP).await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let people = client.collaborators();
    let jane = Invitation::new("jane@example.com");
    let invited = people.invite(APP, &jane).await.unwrap();
    assert_eq!(invited.status.as_str(), "pending");
    let again = people.invite(APP, &jane).await.unwrap_err();
    assert_eq!(again.status(), Some(400));
    let link = invited.invitation_link.unwrap();
    assert!(!format!("{link:?}").contains("token="));
    let (_, token) = link.expose().split_once("?token=").unwrap();

    // An acceptance that may have been carried out is not sent again, although it is a GET.
    let to_collaboration = |sent: &&Recorded| sent.path.ends_with("/collaboration");
    sandbox
        .faults()
        .on("GET", "/v1/apps/collaboration")
        .times(1)
        .status(503);
    let accept = InvitationToken::new(token);
    let error = people.accept(&accept).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert!(
        !error.report().to_string().contains(token),
        "{}",
        error.report()
    );
    assert_eq!(
        sandbox.requests().iter().filter(to_collaboration).count(),
        1
    );

    assert_eq!(people.accept(&accept).await.unwrap().name, APP);
    assert_eq!(
        people.accept(&accept).await.unwrap_err().status(),
        Some(404)
    );
    let all = people.all().await.unwrap();
    assert_eq!((all.len(), all[0].status.as_str()), (1, "accepted"));
    let limited = CollaboratorChange::new(true);
    let jane = people.update(APP, &all[0].id, &limited).await.unwrap();
    assert_eq!(jane.is_limited, Some(true));
    people.remove(APP, &jane.id).await.unwrap();
    assert!(people.list(APP).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_project_changes_hands_and_is_deleted_when_it_is_empty() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let projects = client.projects();
    let shop = projects.create(&NewProject::new("shop")).await.unwrap();
    let settings = AppSettings::new().project_id(shop.id.as_str());
    client.apps().update(APP, &settings).await.unwrap();
    let error = projects.delete(&shop.id).await.unwrap_err();
    assert_eq!(error.status(), Some(409));

    let owners = projects.eligible_owners(&shop.id).await.unwrap();
    let offer = NewTransfer::new(owners[0].user_id.clone().unwrap());
    let first = projects.offer(&shop.id, &offer).await.unwrap();
    projects
        .cancel(&shop.id, &first.id, &NoFields {})
        .await
        .unwrap();
    assert!(projects.transfers(&shop.id).await.unwrap().is_empty());
    let canceled = projects
        .transfers_in(&shop.id, &TransferStatus::Canceled)
        .await
        .unwrap();
    assert_eq!(canceled[0].id, first.id);
    let late = projects
        .accept(&shop.id, &first.id, &NoFields {})
        .await
        .unwrap_err();
    assert_eq!(late.status(), Some(422));
    let second = projects.offer(&shop.id, &offer).await.unwrap();
    projects
        .accept(&shop.id, &second.id, &NoFields {})
        .await
        .unwrap();
    let shop = projects.get(&shop.id).await.unwrap();
    assert_eq!(shop.owner.unwrap().username.as_deref(), Some("jane"));
    assert!(
        projects
            .private_network(&shop.id)
            .await
            .unwrap()
            .subnet
            .is_some()
    );

    let default = ProjectChange::new().default(true);
    projects.update(&shop.id, &default).await.unwrap();
    let all = projects.list().await.unwrap();
    let defaults: Vec<_> = all.iter().filter(|one| one.default == Some(true)).collect();
    assert_eq!((defaults.len(), &defaults[0].id), (1, &shop.id));
    let other = all.iter().find(|one| one.id != shop.id).unwrap();
    projects.delete(&other.id).await.unwrap();
    assert_eq!(projects.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_made_works_and_one_that_is_deleted_does_not() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let tokens = client.tokens();
    let made = tokens.create(&NewToken::new("ci")).await.unwrap();
    let text = made.token.unwrap();
    let works = |token: &str| {
        let other = builder(&sandbox).token(token).build().unwrap();
        async move { other.account().get().await }
    };
    assert_eq!(works(text.expose()).await.unwrap().username, "john");
    let renewed = tokens.renew(&made.id).await.unwrap().token.unwrap();
    assert_eq!(works(text.expose()).await.unwrap_err().status(), Some(401));
    assert!(works(renewed.expose()).await.is_ok());
    assert!(tokens.get(&made.id).await.unwrap().token.is_none());
    tokens.delete(&made.id).await.unwrap();
    assert_eq!(
        works(renewed.expose()).await.unwrap_err().status(),
        Some(401)
    );
    // The answer is a page; the status counts.
    assert_eq!(tokens.get(&made.id).await.unwrap_err().status(), Some(404));
}

#[tokio::test]
async fn keys_integrations_and_the_account_are_kept() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let key = NewSshKey::new("ci", "ssh-ed25519 AAAA ci@example.com");
    let added = client.keys().create(&key).await.unwrap();
    assert_eq!(
        client.keys().create(&key).await.unwrap_err().status(),
        Some(422)
    );
    assert_eq!(client.keys().get(&added.id).await.unwrap().name, "ci");

    let scm = client.scm_integrations();
    let host = "https://git.example.com";
    let order = NewScmIntegration::new(ScmType::GitlabSelfHosted, host, "canary-token");
    let made = scm.create(&order).await.unwrap();
    assert!(!format!("{order:?} {made:?}").contains("canary-token"));
    assert_eq!(scm.list().await.unwrap().len(), 2);
    let repos = scm.repos(&made.id, &ScmSearch::new("shop")).await.unwrap();
    assert_eq!(repos[0].full_name.as_deref(), Some("me/shop"));
    let branches = scm
        .branches(&made.id, &ScmRepoName::new("me/shop"))
        .await
        .unwrap();
    assert_eq!(branches[0].name, "main");
    assert_eq!(
        scm.pulls(&made.id, &ScmSearch::new("fix"))
            .await
            .unwrap()
            .len(),
        1
    );
    let organizations = scm.organizations(&made.id).per_page(2).items();
    let organizations: Vec<_> = futures::TryStreamExt::try_collect(organizations)
        .await
        .unwrap();
    assert_eq!(organizations.len(), 3);
    // Importing twice adds nothing.
    let imported = scm.import_keys(&made.id).await.unwrap();
    assert_eq!(
        scm.import_keys(&made.id).await.unwrap()[0].id,
        imported[0].id
    );
    assert_eq!(client.keys().list().await.unwrap().len(), 2);
    client.keys().delete(&added.id).await.unwrap();
    scm.delete(&made.id).await.unwrap();
    assert_eq!(scm.get(&made.id).await.unwrap_err().status(), Some(404));

    let account = client.account();
    let change = AccountChange::new()
        .username("johnny")
        .password("canary-password");
    assert!(!format!("{change:?}").contains("canary"));
    account.update(&change).await.unwrap();
    assert_eq!(account.get().await.unwrap().username, "johnny");
    assert!(!account.roles().await.unwrap().is_empty());
    assert_eq!(account.organizations().await.unwrap()[0].name, "Example");
    assert!(client.stacks().list().await.unwrap().len() > 1);
}

#[tokio::test]
async fn a_region_is_found_in_the_services_own_list() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let there = client.in_region("osc-fr1").await.unwrap();
    assert_eq!(there.apps().get(APP).await.unwrap().name, APP);
    assert!(database(&there).await.get().await.is_ok());
    // It is the same token.
    assert_eq!(count(&sandbox, "POST", "/exchange"), 1);
    let error = client.in_region("nowhere").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("osc-fr1"), "{error}");

    // The bearer goes to no host that a list makes up.
    let list = r#"{"regions":[{"name":"evil","api":"https://evil.example","database_api":"https://evil.example"}]}"#;
    sandbox
        .faults()
        .on("GET", "/v1/regions")
        .times(1)
        .body(list)
        .status(200);
    let error = client.in_region("evil").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Origin);
}

#[tokio::test]
async fn a_wrong_database_token_is_a_400_and_made_anew_once() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let database = database(&client).await;
    database.get().await.unwrap();
    let path = "/api/databases/*";
    let body = r#"{"error":"unauthorized"}"#;
    sandbox
        .faults()
        .on("GET", path)
        .times(1)
        .body(body)
        .status(400);
    database.get().await.unwrap();
    assert_eq!(count(&sandbox, "POST", "/token"), 2);
    // Twice in a row it is the answer; another 400 is none of the token's business.
    sandbox
        .faults()
        .on("GET", path)
        .times(2)
        .body(body)
        .status(400);
    assert_eq!(database.get().await.unwrap_err().status(), Some(400));
    assert_eq!(count(&sandbox, "POST", "/token"), 3);
    let other = r#"{"error":"the database is busy"}"#;
    sandbox
        .faults()
        .on("GET", path)
        .times(1)
        .body(other)
        .status(400);
    assert_eq!(database.get().await.unwrap_err().status(), Some(400));
    assert_eq!(count(&sandbox, "POST", "/token"), 3);
}

#[tokio::test]
async fn a_database_tells_of_itself_and_keeps_a_firewall() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let database = database(&client).await;
    let catalog = database.catalog();
    let plan = catalog.plan().await.unwrap();
    assert_eq!(
        catalog
            .plan_of(&plan.id, &PlanSoftware::new("postgresql"))
            .await
            .unwrap(),
        plan
    );
    let software = catalog.types().await.unwrap();
    assert_eq!(catalog.type_of(&software[0].id).await.unwrap(), software[0]);
    let version = catalog.version("ve-15").await.unwrap();
    assert_eq!(version.next_upgrade.unwrap()["id"], "ve-16");

    let metrics = database.metrics();
    assert!(metrics.now().await.unwrap().memory.unwrap().memory_limit > Some(0));
    let query = DatabaseMetricQuery::new().since(3);
    assert!(metrics.get("cpu", &query).await.unwrap().is_array());
    let last = DatabaseMetricQuery::new().last(true);
    assert!(
        metrics
            .of_instance("in-1", "cpu", &last)
            .await
            .unwrap()
            .is_object()
    );
    assert_eq!(metrics.health().await.unwrap()["status"], "healthy");
    assert_eq!(
        metrics.instances().await.unwrap()[0].role.as_deref(),
        Some("leader")
    );
    assert_eq!(metrics.lag().await.unwrap()["lag"], 0);
    assert_eq!(metrics.ping(&NoFields {}).await.unwrap()["ok"], 1);
    let log = database.logs().dump(&LogsQuery::new().n(1)).await.unwrap();
    assert_eq!(log, "database system is ready to accept connections");

    let firewall = database.firewall();
    let office = NewFirewallRule::range("203.0.113.0/24").label("office");
    let office = firewall.create(&office).await.unwrap();
    let ranges = firewall.managed_ranges().await.unwrap();
    firewall
        .create(&NewFirewallRule::managed(&ranges[0].id))
        .await
        .unwrap();
    let home = FirewallRuleLabel::new("home");
    firewall.update(&office.id, &home).await.unwrap();
    let rules = firewall.list().await.unwrap();
    assert_eq!((rules.len(), rules[0].label.as_deref()), (2, Some("home")));
    firewall.delete(&office.id).await.unwrap();
    assert_eq!(firewall.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn dedicated_databases_are_connected_to_other_networks() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let databases = client.dedicated_databases();
    let order = NewDedicatedDatabase::new("shop-db", "postgresql-ng", "enterprise-4096");
    let made = databases.create(&order).await.unwrap();
    assert_eq!(databases.get("shop-db").await.unwrap(), made);
    assert_eq!(databases.list().await.unwrap(), [made]);
    assert_eq!(
        databases.endpoints("shop-db").await.unwrap()[0].port,
        Some(5432)
    );
    assert!(
        databases
            .network("shop-db")
            .await
            .unwrap()
            .ip_range
            .is_some()
    );
    let peering = NewNetPeering::new("pcx-12345678");
    let peering = databases.peer("shop-db", &peering).await.unwrap();
    assert_eq!(databases.net_peerings("shop-db").await.unwrap().len(), 1);
    databases.unpeer("shop-db", &peering.id).await.unwrap();
    let gone = databases
        .net_peering("shop-db", &peering.id)
        .await
        .unwrap_err();
    assert_eq!(gone.status(), Some(404));
    assert_eq!(databases.get("none").await.unwrap_err().status(), Some(404));
}
