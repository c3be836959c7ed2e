//! An app from its creation to its end, and which server it lives on.

use deploykit::tsuru::{
    Client, Error, Generation, InstanceState, NewApp, NewInstance, NewTeam, NewUser, NewVariables,
    ServiceManifest, UnitState, VariableNames,
};
use deploykit_sandbox::tsuru::{Era, Tsuru};
use deploykit_sandbox::{Running, Sandbox};

use crate::{ERAS, client, start};

#[tokio::test]
async fn the_whole_life_of_an_app_in_every_era() {
    for era in ERAS {
        let sandbox = start(Sandbox::tsuru().era(era)).await;
        life_of_an_app(&sandbox)
            .await
            .unwrap_or_else(|error| panic!("{era:?}: {}", error.report()));
        assert!(sandbox.restarts("myapp").is_none(), "{era:?}");
    }
}

async fn life_of_an_app(sandbox: &Running<Tsuru>) -> Result<(), Error> {
    let anyone = Client::builder(sandbox.base_url()).build()?;
    anyone
        .users()
        .create(&NewUser::new("nobody@globo.com", "123456"))
        .await?;
    let session = anyone.login("nobody@globo.com", "123456").await?;
    let tsuru = session.client.clone();
    assert!(tsuru.teams().list().await?.is_empty());
    tsuru.teams().add(&NewTeam::new("cobrateam")).await?;
    assert_eq!(
        tsuru.teams().get("cobrateam").await?.users,
        ["nobody@globo.com"]
    );
    assert!(tsuru.apps().list().await?.is_empty());

    let created = tsuru
        .apps()
        .create(&NewApp::new("myapp", "python").memory(512))
        .await?;
    assert_eq!(created.status, "success");
    let app = tsuru.apps().get("myapp").await?;
    assert_eq!(
        (app.name.as_str(), app.platform.as_deref()),
        ("myapp", Some("python"))
    );
    assert_eq!(app.units[0].state, Some(UnitState::Started));
    assert_eq!(tsuru.apps().list().await?.len(), 1);

    tsuru
        .apps()
        .set_env("myapp", &NewVariables::new([("DEBUG", "1"), ("MODE", "x")]))
        .await?;
    tsuru
        .apps()
        .delete_env("myapp", &VariableNames::new(["MODE"]))
        .await?;
    let env = tsuru.apps().env("myapp").await?;
    assert_eq!(env.value("DEBUG").map(|value| value.expose()), Some("1"));
    assert_eq!(env.len(), 1);

    tsuru
        .services()
        .create(&ServiceManifest::new("redis", "redis.local").password("yes"))
        .await?;
    tsuru
        .services()
        .update_doc("redis", "Redis exports the ...")
        .await?;
    assert_eq!(
        tsuru.services().doc("redis").await?.0,
        "Redis exports the ..."
    );
    tsuru
        .services()
        .update(&ServiceManifest::new("redis", "redis.local").password("no"))
        .await?;
    tsuru
        .instances()
        .add(&NewInstance::new("cache", "redis"))
        .await?;
    assert_eq!(tsuru.services().get("redis").await?[0].name, "cache");
    let services = tsuru.services().list().await?;
    let redis = services.iter().find(|service| service.service == "redis");
    assert_eq!(
        redis.map(|service| service.instances.clone()),
        Some(vec!["cache".to_owned()])
    );
    let bound = tsuru.instances().bind("cache", "myapp").await?;
    assert!(bound.names().any(|name| name == "DATABASE_HOST"));
    let private = tsuru.apps().env("myapp").await?;
    assert!(
        private
            .iter()
            .any(|variable| variable.name == "DATABASE_PASSWORD" && !variable.public)
    );
    assert_eq!(tsuru.instances().get("cache").await?.apps, ["myapp"]);
    assert_eq!(
        tsuru.instances().status("cache").await?.state(),
        Some(InstanceState::Up)
    );

    let output = tsuru.restart("myapp").await?.text().await?;
    assert!(output.contains("---> Restarting your app"), "{output}");
    assert_eq!(sandbox.restarts("myapp"), Some(3));

    tsuru.instances().unbind("cache", "myapp").await?;
    tsuru.instances().remove("cache").await?;
    tsuru.services().remove("redis").await?;
    tsuru.apps().remove("myapp").await?;
    tsuru.teams().remove("cobrateam").await?;
    session.logout().await?;
    assert!(tsuru.apps().list().await.unwrap_err().is_unauthorized());
    Ok(())
}

#[tokio::test]
async fn servers_tell_their_generation() {
    for (era, generation) in [
        (Era::Page, None),
        (Era::V0_2, Some(Generation::Early)),
        (Era::V0_4, Some(Generation::GetRestarts)),
        (Era::V0_7, Some(Generation::PostRestarts)),
    ] {
        let sandbox = start(Sandbox::tsuru().era(era)).await;
        let answer = client(&sandbox).platforms().list().send().await.unwrap();
        assert_eq!(Generation::of(&answer), generation, "{era:?}");
        assert_eq!(answer.value.len(), 4);
    }
}
