//! An app from its creation to its end, and which server it lives on.

use deploykit::tsuru::{
    Client, Error, Generation, InstanceState, MASKED, NewApp, NewInstance, NewTeam, NewUser,
    NewVariables, ServiceManifest, UnitState, Variable, VariableNames, already_exists,
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
    let anyone = Client::builder().target(sandbox.base_url()).build()?;
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
            .any(|variable| variable.name == "DATABASE_PASSWORD" && variable.public == Some(false))
    );
    let password = private.value("DATABASE_PASSWORD");
    let masked = sandbox_masks(&private);
    assert_eq!(password.is_none(), masked, "a mask is no value");
    let one = VariableNames::new(["DEBUG"]);
    assert_eq!(tsuru.apps().env_of("myapp", &one).await?.len(), 1);
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

/// Whether the server keeps private values back.
fn sandbox_masks(variables: &[Variable]) -> bool {
    variables
        .iter()
        .any(|variable| variable.value.expose() == MASKED)
}

#[tokio::test]
async fn documentation_is_not_sent_to_a_server_that_would_empty_it() {
    let sandbox = start(Sandbox::tsuru().era(Era::V0_7)).await;
    let services = client(&sandbox).services();
    services.update_doc("mysql", "how to").await.unwrap();
    let faults = sandbox.faults();
    let modern = faults.on("GET", "/services/mysql/doc");
    let modern = modern.header("supported-tsuru", "1.0.1").body("how to");
    modern.status(200);
    let error = services.update_doc("mysql", "what for").await.unwrap_err();
    assert!(error.to_string().contains("v1"), "{error}");
    assert_eq!(services.doc("mysql").await.unwrap().0, "how to");
}

#[tokio::test]
async fn the_first_servers_take_an_instance_twice() {
    for (era, taken) in [(Era::V0_2, true), (Era::V0_4, false)] {
        let sandbox = start(Sandbox::tsuru().era(era)).await;
        let instances = client(&sandbox).instances();
        let new = NewInstance::new("cache", "mysql");
        instances.add(&new).await.unwrap();
        let again = instances.add(&new).await;
        assert_eq!(again.is_ok(), taken, "{era:?}");
        assert!(again.err().is_none_or(|error| already_exists(&error)));
    }
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
