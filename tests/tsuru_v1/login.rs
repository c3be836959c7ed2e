//! Ways to log in.

use deploykit::ErrorKind;
use deploykit::tsuru::v1::{AppFilter, Client, NewPassword, NewToken, OfUser, TokenChange};

use crate::{client, start};

#[tokio::test]
async fn a_password_gives_a_session() {
    let sandbox = start(|sandbox| sandbox).await;
    let anyone = Client::builder()
        .target(sandbox.base_url())
        .build()
        .unwrap();
    assert!(
        anyone
            .apps()
            .list(&AppFilter::new())
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    let (email, password) = sandbox.admin();
    let wrong = anyone.login(email, "wrong").await.unwrap_err();
    assert!(wrong.is_unauthorized() && !wrong.is_passing(), "{wrong}");
    assert!(
        anyone
            .login("nobody@example.com", password)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let session = anyone.login(email, password).await.unwrap();
    assert_eq!(session.client.users().me().await.unwrap().email, email);
    let change = NewPassword::new(password, "654321", "654321");
    session
        .client
        .users()
        .change_password(&change)
        .await
        .unwrap();
    anyone.login(email, "654321").await.unwrap();
    let after = session.client.clone();
    session.logout().await.unwrap();
    assert!(after.users().me().await.unwrap_err().is_unauthorized());
}

#[tokio::test]
async fn programs_have_tokens() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    let made = tsuru
        .tokens()
        .create(&NewToken::new("admin").description("CI"))
        .await
        .unwrap();
    assert_eq!((&made.expires_at, &made.last_access), (&None, &None));
    assert!(made.created_at.is_some());
    let key = tsuru.users().api_key(&OfUser::new()).await.unwrap();
    for token in [made.token.clone(), key] {
        let robot = Client::builder()
            .target(sandbox.base_url())
            .token(token)
            .build()
            .unwrap();
        assert_eq!(robot.apps().list(&AppFilter::new()).await.unwrap().len(), 1);
    }
    let change = TokenChange::new().regenerate(true);
    let anew = tsuru
        .tokens()
        .update(made.token_id.clone(), &change)
        .await
        .unwrap();
    assert_ne!(anew.token, made.token);
    assert_eq!(tsuru.tokens().list().await.unwrap().len(), 1);
    tsuru.tokens().remove(made.token_id).await.unwrap();
    assert!(tsuru.tokens().list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_without_passwords_says_what_it_wants() {
    let sandbox = start(|sandbox| sandbox.oidc("https://id.example.com/token")).await;
    let anyone = Client::builder()
        .target(sandbox.base_url())
        .build()
        .unwrap();
    let error = anyone.login("me@example.com", "123456").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    for part in [
        "OIDC",
        "https://id.example.com/token",
        "client id tsuru",
        "token of a team",
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(!error.to_string().contains("123456"));
    assert_eq!(anyone.auth().schemes().await.unwrap()[0].name, "oidc");
}
