//! Users, teams, tokens.

use std::time::Duration;

use deploykit::tsuru::{
    ChangePassword, Client, NewAppToken, NewTeam, NewUser, PublicKey, ResetPassword, Swap,
};
use deploykit_sandbox::Sandbox;
use deploykit_sandbox::tsuru::Era;

use crate::{client, start};

#[tokio::test]
async fn users_change_passwords_and_keys() {
    let sandbox = start(Sandbox::tsuru().era(Era::V0_7)).await;
    let anyone = Client::builder()
        .target(sandbox.base_url())
        .build()
        .unwrap();
    let email = "nobody@globo.com";
    anyone
        .users()
        .create(&NewUser::new(email, "123456"))
        .await
        .unwrap();
    let users = anyone.login(email, "123456").await.unwrap().client.users();
    let wrong = users
        .change_password(&ChangePassword::new("wrong", "654321"))
        .await
        .unwrap_err();
    assert!(wrong.is_forbidden());
    users
        .change_password(&ChangePassword::new("123456", "654321"))
        .await
        .unwrap();
    let key = PublicKey::new("ssh-rsa AAAA nobody");
    users.add_key(&key).await.unwrap();
    assert!(users.add_key(&key).await.unwrap_err().is_conflict());
    users.remove_key(&key).await.unwrap();
    assert!(users.remove_key(&key).await.unwrap_err().is_not_found());

    anyone
        .users()
        .reset_password(email, &ResetPassword::new())
        .await
        .unwrap();
    let token = sandbox.mails()[0].1.clone();
    let step = ResetPassword::new().token(token);
    anyone.users().reset_password(email, &step).await.unwrap();
    assert_eq!(
        anyone
            .users()
            .reset_password(email, &step)
            .await
            .unwrap_err()
            .status(),
        Some(500)
    );
    let password = sandbox.mails()[1].1.clone();
    let session = anyone.login(email, password.as_str()).await.unwrap();
    assert_eq!(session.is_admin, Some(false));
    session.client.users().remove().await.unwrap();
    assert!(
        anyone
            .login(email, password)
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test]
async fn teams_share_what_they_have() {
    for era in [Era::Page, Era::V0_4] {
        let sandbox = start(Sandbox::tsuru().era(era).app("one").app("other")).await;
        let tsuru = client(&sandbox);
        tsuru.apps().swap(&Swap::new("one", "other")).await.unwrap();
        let addresses = tsuru.apps().list().await.unwrap();
        assert_eq!(addresses[0].ip.as_deref(), Some("other.tsuru.example.com"));

        tsuru
            .users()
            .create(&NewUser::new("nobody@globo.com", "123456"))
            .await
            .unwrap();
        let nobody = tsuru
            .login("nobody@globo.com", "123456")
            .await
            .unwrap()
            .client;
        assert!(nobody.apps().get("one").await.unwrap_err().is_forbidden());
        tsuru
            .teams()
            .add_user("admin", "nobody@globo.com")
            .await
            .unwrap();
        nobody.apps().get("one").await.unwrap();
        let twice = tsuru
            .teams()
            .add_user("admin", "nobody@globo.com")
            .await
            .unwrap_err();
        assert!(twice.is_conflict());
        tsuru.teams().add(&NewTeam::new("cobrateam")).await.unwrap();
        tsuru.services().grant("mysql", "cobrateam").await.unwrap();
        tsuru.services().revoke("mysql", "cobrateam").await.unwrap();
        tsuru
            .teams()
            .remove_user("admin", "nobody@globo.com")
            .await
            .unwrap();

        let token = tsuru
            .tokens()
            .generate(&NewAppToken::new("one"))
            .await
            .unwrap();
        assert_eq!(token.lifetime(), Some(Duration::from_secs(365 * 24 * 3600)));
        let error = nobody
            .tokens()
            .generate(&NewAppToken::new("one"))
            .await
            .unwrap_err();
        assert!(error.is_forbidden());
    }
}

/// Runs itself again, as only another process can have other variables.
#[tokio::test]
async fn target_and_token_come_from_the_environment() {
    if std::env::var_os("TSURU_TEST_CHILD").is_some() {
        let apps = Client::from_env().unwrap().apps().list().await.unwrap();
        assert_eq!(apps[0].name, "myapp");
        return;
    }
    let sandbox = start(Sandbox::tsuru().app("myapp")).await;
    // As people set it: without a scheme.
    let target = sandbox.address().to_string();
    let child = |token: String| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "users::target_and_token_come_from_the_environment",
            ])
            .env("TSURU_TEST_CHILD", "1")
            .env("TSURU_TARGET", &target)
            .env("TSURU_TOKEN", token);
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    assert!(child(sandbox.token()).await.unwrap().status.success());
    assert_eq!(sandbox.requests().len(), 1);
    assert!(!child(String::new()).await.unwrap().status.success());
    assert_eq!(sandbox.requests().len(), 1);
}
