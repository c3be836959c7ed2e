//! Errors, secrets, bad input, and what must not be repeated.

use deploykit::ErrorKind;
use deploykit::tsuru::{
    ChangePassword, NewApp, NewAppToken, NewUser, NewVariables, ResetPassword, ServiceManifest,
    Swap, VariableNames, already_exists, route_is_missing,
};
use deploykit_sandbox::Sandbox;
use deploykit_sandbox::tsuru::Era;

use crate::{builder, client, start};

#[tokio::test]
async fn errors_keep_status_and_text() {
    for (era, login, exists) in [(Era::V0_4, 500, 500), (Era::V0_7, 401, 409)] {
        let sandbox = start(Sandbox::tsuru().era(era).app("myapp")).await;
        let tsuru = client(&sandbox);
        let error = tsuru.apps().get("x").await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.api().unwrap().message(), Some("App x not found."));
        assert_eq!(error.body(), Some("App x not found.\n"));

        let error = tsuru
            .login("admin@example.com", "not the one")
            .await
            .unwrap_err();
        assert_eq!(error.status(), Some(login), "{era:?}");
        assert!(error.to_string().contains("wrong password"), "{error}");
        assert_eq!(error.attempts(), 1);
        assert!(!error.is_passing(), "{era:?}: a wrong password stays wrong");

        let user = NewUser::new("admin@example.com", "123456");
        let error = tsuru.users().create(&user).await.unwrap_err();
        assert_eq!(error.status(), Some(exists), "{era:?}");
        assert!(already_exists(&error));
        let mysql = ServiceManifest::new("mysql", "mysql.local").password("x");
        let error = tsuru.services().create(&mysql).await.unwrap_err();
        assert_eq!(
            (error.status(), already_exists(&error)),
            (Some(exists), true),
            "{era:?}"
        );
        assert!(!already_exists(
            &tsuru
                .apps()
                .create(&NewApp::new("a", "cobol"))
                .await
                .unwrap_err()
        ));
    }
}

#[tokio::test]
async fn what_a_server_does_not_have_can_be_told_from_what_is_not_there() {
    let sandbox = start(Sandbox::tsuru().era(Era::V0_2).app("myapp")).await;
    let quotas = client(&sandbox).quotas();
    let quota = quotas.get("admin@example.com").await.unwrap();
    assert_eq!((quota.items.count(), quota.available), (1, Some(9)));
    let error = quotas.get("nobody@globo.com").await.unwrap_err();
    assert!(error.is_not_found() && !route_is_missing(&error));
    let sandbox = start(Sandbox::tsuru()).await;
    assert!(route_is_missing(
        &client(&sandbox).quotas().get("a@b.c").await.unwrap_err()
    ));
}

#[tokio::test]
async fn a_swap_is_not_repeated() {
    let sandbox = start(Sandbox::tsuru().app("one").app("other")).await;
    sandbox.faults().on("PUT", "/swap").reset_after();
    let error = client(&sandbox)
        .apps()
        .swap(&Swap::new("one", "other"))
        .await
        .unwrap_err();
    assert!(error.may_have_been_sent());
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn bad_input_is_refused_before_any_request() {
    let sandbox = start(Sandbox::tsuru().app("myapp")).await;
    let tsuru = client(&sandbox);
    let none: [&str; 0] = [];
    let errors = [
        tsuru.apps().get("a/b").await.unwrap_err(),
        tsuru.apps().get("..").await.unwrap_err(),
        tsuru.teams().remove("x/y").await.unwrap_err(),
        tsuru.restart("").await.unwrap_err(),
        tsuru
            .apps()
            .delete_env("myapp", &VariableNames::new(none))
            .await
            .unwrap_err(),
        tsuru
            .services()
            .create(&ServiceManifest::new(" ", "x"))
            .await
            .unwrap_err(),
        tsuru
            .services()
            .update(&ServiceManifest::new("x", ""))
            .await
            .unwrap_err(),
        tsuru.login("", "123456").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn no_secret_is_shown() {
    const CANARY: &str = "canary-secret";

    let sandbox = start(Sandbox::tsuru().app("myapp")).await;
    let built = builder(&sandbox);
    let mut shown = vec![format!("{built:?}")];
    let tsuru = built.build().unwrap();
    let user = NewUser::new("nobody@globo.com", CANARY);
    let variables = NewVariables::new([("PASSWORD", CANARY)]);
    let manifest = ServiceManifest::new("redis", "redis.local").password(CANARY);
    let reset = ResetPassword::new().token(CANARY);
    let change = ChangePassword::new(CANARY, CANARY);
    shown.push(format!(
        "{tsuru:?} {user:?} {variables:?} {manifest:?} {reset:?} {change:?}"
    ));
    shown.push(format!(
        "{:?}",
        tsuru.users().reset_password("a@b.c", &reset)
    ));
    shown.push(format!("{:?}", tsuru.services().create(&manifest)));
    tsuru.users().create(&user).await.unwrap();
    tsuru.apps().set_env("myapp", &variables).await.unwrap();
    let env = tsuru.apps().env("myapp").await.unwrap();
    assert_eq!(env.value("PASSWORD").unwrap().expose(), CANARY);
    let session = tsuru.login("nobody@globo.com", CANARY).await.unwrap();
    let token = tsuru
        .tokens()
        .generate(&NewAppToken::new("myapp"))
        .await
        .unwrap();
    shown.push(format!(
        "{env:?} {session:?} {token:?} {:?}",
        session.client
    ));
    let bound = deploykit::tsuru::BoundVariables::default();
    shown.push(format!("{bound:?}"));
    for (method, quoted) in [("GET", sandbox.token()), ("POST", CANARY.to_owned())] {
        sandbox
            .faults()
            .on(method, "/**")
            .always()
            .body(format!("{quoted} is wrong"))
            .status(500);
    }
    for error in [
        tsuru
            .apps()
            .list()
            .retry(deploykit::RetryPolicy::never())
            .await
            .unwrap_err(),
        tsuru.restart("myapp").await.unwrap_err(),
        tsuru.apps().set_env("myapp", &variables).await.unwrap_err(),
        tsuru.services().create(&manifest).await.unwrap_err(),
    ] {
        shown.extend([error.to_string(), format!("{error:?}"), error.report()]);
    }
    let secrets = [
        CANARY,
        &sandbox.token(),
        session.token.expose(),
        token.token.expose(),
    ];
    for text in shown {
        assert!(
            !secrets.iter().any(|secret| text.contains(secret)),
            "{text}"
        );
    }
}
