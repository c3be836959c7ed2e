//! The beginning and the end of an account, and who may look into its applications.

use deploykit::ErrorKind;
use deploykit::core::{Nullable, Time};
use deploykit::scalingo::{
    AccountDeletion, AuditEntryKind, Client, DataAccessUntil, EventDetails, HdsContactChange,
    NewOneOff, NoFields, OrganizationKind, SignUp,
};
use deploykit_sandbox::{Running, scalingo::Scalingo};
use futures::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};

use crate::support::{APP, client, count, sandbox, start};

fn ahead(days: i64) -> Time {
    Time::from(Timestamp::now() + SignedDuration::from_hours(24 * days))
}

/// Whether an answer was lost, and its call sent once.
async fn lost_once<T: std::fmt::Debug>(
    sandbox: &Running<Scalingo>,
    method: &str,
    path: &str,
    call: deploykit::core::Call<T>,
) {
    sandbox.clear_requests();
    sandbox.faults().on(method, path).reset_after();
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{method} {path}");
    assert_eq!(count(sandbox, method, path), 1, "{method} {path}");
}

#[tokio::test]
async fn a_consent_is_given_changed_and_withdrawn() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let access = client.data_access();
    let far = DataAccessUntil::new().databases_until(ahead(31));
    let error = access.consent(APP, &far).await.unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert!(error.to_string().contains("databases_until"), "{error}");

    let (soon, later) = (ahead(1), ahead(29));
    let until = DataAccessUntil::new().databases_until(later.clone());
    let given = access.consent(APP, &until).await.unwrap();
    assert_eq!(
        (given.databases_until, given.containers_until),
        (Some(later), None)
    );
    let change = DataAccessUntil::new()
        .databases_until(Nullable::Null)
        .containers_until(soon.clone());
    access.change(APP, &change).await.unwrap();
    let shown = client.apps().get(APP).await.unwrap().data_access_consent;
    let shown = shown.unwrap();
    assert_eq!(
        (shown.databases_until, shown.containers_until),
        (None, Some(soon))
    );

    access.withdraw(APP).await.unwrap();
    let app = client.apps().get(APP).await.unwrap();
    assert_eq!(app.data_access_consent, None);
    assert!(access.withdraw(APP).await.unwrap_err().is_not_found());
    let events: Vec<_> = client
        .events()
        .list(APP)
        .items()
        .try_collect()
        .await
        .unwrap();
    let given = events
        .iter()
        .filter(|event| event.kind.as_str() == "create_data_access_consent");
    assert_eq!(given.count(), 1);
}

#[tokio::test]
async fn the_contact_for_health_data_keeps_what_is_not_set() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let first = HdsContactChange::new()
        .name("Jane")
        .email("jane@example.com")
        .org_type(OrganizationKind::NonProfit);
    client.apps().set_hds_contact(APP, &first).await.unwrap();
    let town = HdsContactChange::new().address_city("Strasbourg");
    client.apps().set_hds_contact(APP, &town).await.unwrap();
    let contact = client.apps().get(APP).await.unwrap().hds_contact.unwrap();
    assert_eq!(contact.org_type, Some(OrganizationKind::NonProfit));
    assert_eq!(contact.name.as_deref(), Some("Jane"));
    assert_eq!(contact.address_city.as_deref(), Some("Strasbourg"));
}

#[tokio::test]
async fn what_was_typed_is_read_and_not_shown() {
    let sandbox = start(sandbox().speed(1000.0)).await;
    let client = client(&sandbox);
    let one_off = NewOneOff::new("psql canary");
    client.one_offs().run(APP, &one_off).await.unwrap();
    let events: Vec<_> = client
        .events()
        .list(APP)
        .items()
        .try_collect()
        .await
        .unwrap();
    let id = events.iter().find_map(|event| match event.details() {
        EventDetails::Run(run) => run.audit_log_id,
        _ => None,
    });
    let id = id.unwrap();
    let log = client.one_offs().audit_log(APP, id.as_str()).await.unwrap();
    assert_eq!(log[0].kind, Some(AuditEntryKind::Input));
    assert_eq!(log[0].content.as_ref().unwrap().expose(), "psql canary\n");
    assert_eq!(log[1].kind, Some(AuditEntryKind::Output));
    assert!(!format!("{log:?} {log:#?}").contains("canary"));

    let missing = client.one_offs().audit_log(APP, "other").await;
    assert!(missing.unwrap_err().is_not_found());
    let bounded = client.one_offs().audit_log(APP, id).max_body(10);
    assert_eq!(bounded.await.unwrap_err().kind(), ErrorKind::TooLong);
}

/// Nothing is left of the account.
async fn is_gone(client: &Client) {
    let error = client.apps().list().await.unwrap_err();
    assert_eq!(error.status(), Some(401), "{error}");
}

#[tokio::test]
async fn an_account_is_deleted_by_what_the_mail_names() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let account = client.account();
    let order = AccountDeletion::new("by-guess");
    let early = account.confirm_deletion("de-1", &order).await.unwrap_err();
    assert!(early.is_not_found(), "{early}");
    account.request_deletion().await.unwrap();
    let (id, token) = sandbox.deletion_mail().unwrap();
    let error = account
        .confirm_deletion(id.as_str(), &order)
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert_eq!(client.apps().list().await.unwrap().len(), 1);

    let order = AccountDeletion::new(token.as_str()).reason("other");
    assert!(!format!("{order:?}").contains(&token));
    account.confirm_deletion(id, &order).await.unwrap();
    is_gone(&client).await;
}

#[tokio::test]
async fn what_begins_or_ends_an_account_is_sent_once() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let account = client.account();
    let order = SignUp::new("new@example.com", "canary");
    assert!(!format!("{order:?}").contains("canary"));
    lost_once(
        &sandbox,
        "POST",
        "/v1/users",
        client.accounts().sign_up(&order),
    )
    .await;
    // It was carried out.
    let error = client.accounts().sign_up(&order).await.unwrap_err();
    assert_eq!(error.status(), Some(422));
    let sent = sandbox.requests();
    assert!(
        sent.iter()
            .all(|one| !one.headers.contains_key("authorization"))
    );

    let trial = "/v1/users/stop_free_trial";
    lost_once(
        &sandbox,
        "POST",
        trial,
        account.stop_free_trial(&NoFields {}),
    )
    .await;
    assert!(account.get().await.unwrap().free_trial_end_time.is_some());
    lost_once(
        &sandbox,
        "POST",
        "/v1/users/delete",
        account.request_deletion(),
    )
    .await;
    let (id, _) = sandbox.deletion_mail().unwrap();
    let confirm = format!("/v1/users/delete/{id}/confirm");
    let order = AccountDeletion::new("by-guess");
    lost_once(
        &sandbox,
        "POST",
        &confirm,
        account.confirm_deletion(id, &order),
    )
    .await;
    lost_once(
        &sandbox,
        "DELETE",
        "/v1/users",
        client.accounts().delete_own_account(),
    )
    .await;
    is_gone(&client).await;
}
