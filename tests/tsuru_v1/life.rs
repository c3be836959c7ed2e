//! The rest of an app's life.

use deploykit::tsuru::v1::{
    AppChange, AppFilter, Autoscale, Bind, Cnames, EventFilter, InstanceFilter, JobContainer,
    JobFilter, NewApp, NewBlock, NewCertificate, NewDeploy, NewInstance, NewIssuer, NewJob,
    NewLimit, NewVariable, Removal, SetEnv, Unbind, UnitsDelta, UnsetEnv, VariableFilter,
    is_locked,
};
use deploykit::tsuru::{Client as OldClient, Server, route_is_missing};
use deploykit::{ErrorKind, RetryPolicy};
use deploykit_sandbox::Sandbox;
use deploykit_sandbox::tsuru::Era;

use crate::{client, sent, start};

#[tokio::test]
async fn an_app_from_its_creation_to_its_end() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    let new = NewApp::new("shop")
        .platform("go")
        .team_owner("admin")
        .tags(["web".to_owned()]);
    let created = tsuru.apps().create(&new).await.unwrap();
    assert_eq!(created.status, "success");
    assert!(tsuru.apps().create(&new).await.unwrap_err().is_conflict());
    assert!(
        tsuru
            .apps()
            .create(&NewApp::new("Shop"))
            .await
            .unwrap_err()
            .is_invalid()
    );

    let change = AppChange::new().description("sells").no_restart(true);
    tsuru
        .apps()
        .update("shop", &change)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let image = NewDeploy::image("shop:1");
    tsuru
        .deploy("shop", &image)
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
    let add = UnitsDelta::new(2).process("web");
    tsuru
        .units()
        .add("shop", &add)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let shop = tsuru.apps().get("shop").await.unwrap();
    assert_eq!((shop.units.len(), shop.description.as_str()), (3, "sells"));
    assert_eq!(shop.units[0].version, Some(1));
    assert_eq!(shop.team_owner, "admin");
    tsuru
        .quotas()
        .set_of_app("shop", &NewLimit::new(3))
        .await
        .unwrap();
    assert!(
        tsuru
            .units()
            .add("shop", &add)
            .await
            .unwrap_err()
            .is_forbidden()
    );
    let too_many = tsuru
        .units()
        .remove("shop", &UnitsDelta::new(9))
        .await
        .unwrap_err();
    assert_eq!(too_many.status(), Some(412));

    let names = Cnames::new(["shop.example.com".to_owned()]);
    tsuru.apps().add_cnames("shop", &names).await.unwrap();
    let certificate = NewCertificate::new("shop.example.com", "PEM", "KEY");
    tsuru
        .certificates()
        .set("shop", &certificate)
        .await
        .unwrap();
    let issuer = NewIssuer::new("shop.example.com", "letsencrypt");
    tsuru
        .certificates()
        .set_issuer("shop", &issuer)
        .await
        .unwrap();
    let routers = tsuru.certificates().get("shop").await.unwrap().routers;
    let known = &routers["none"].cnames["shop.example.com"];
    assert_eq!(
        (known.certificate.as_str(), known.issuer.as_deref()),
        ("PEM", Some("letsencrypt"))
    );
    let rule = Autoscale::new()
        .process("web")
        .min_units(1)
        .max_units(8)
        .average_cpu("80%");
    tsuru.autoscale().set("shop", &rule).await.unwrap();
    assert_eq!(tsuru.autoscale().list("shop").await.unwrap(), [rule]);

    let of_admin = AppFilter::new().team_owner("admin").name("shop");
    assert_eq!(tsuru.apps().list(&of_admin).await.unwrap().len(), 1);
    tsuru
        .apps()
        .remove("shop")
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(tsuru.apps().get("shop").await.unwrap_err().is_not_found());
    assert!(tsuru.apps().list(&of_admin).await.unwrap().is_empty());
    let kinds = EventFilter::new()
        .target("shop")
        .kind("app.deploy")
        .kind("app.delete");
    assert_eq!(tsuru.events().list(&kinds).await.unwrap().len(), 2);
}

#[tokio::test]
async fn variables_are_private_managed_and_pruned() {
    let sandbox = start(|sandbox| sandbox).await;
    let env = client(&sandbox).env();
    let one = NewVariable::new("MODE", "live");
    env.set("myapp", &SetEnv::new([one]))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(sandbox.restarts("myapp"), Some(1));
    let managed = [
        NewVariable::new("KEY", "s3cr3t").private(),
        NewVariable::alias("COPY", "KEY"),
    ];
    let set = SetEnv::new(managed).managed_by("terraform").no_restart();
    env.set("myapp", &set).await.unwrap().text().await.unwrap();
    assert_eq!(sandbox.restarts("myapp"), Some(1));
    let all = env.get("myapp", &VariableFilter::new()).await.unwrap();
    let key = all.iter().find(|variable| variable.name == "KEY").unwrap();
    assert_eq!(
        (key.public, key.managed_by.as_deref()),
        (Some(false), Some("terraform"))
    );
    assert_eq!(all.value("KEY").unwrap().expose(), "s3cr3t");
    let two = VariableFilter::new().name("MODE").name("COPY");
    assert_eq!(env.get("myapp", &two).await.unwrap().len(), 2);

    let prune = SetEnv::new([])
        .managed_by("terraform")
        .prune_unused()
        .no_restart();
    env.set("myapp", &prune)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let unset = UnsetEnv::new().name("MODE").no_restart(true);
    env.unset("myapp", &unset)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        env.get("myapp", &VariableFilter::new())
            .await
            .unwrap()
            .is_empty()
    );
    for bad in [SetEnv::new([]), SetEnv::new([]).prune_unused()] {
        let error = env.set("myapp", &bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    sandbox.fail_next();
    let set = SetEnv::new([NewVariable::new("MODE", "live")]);
    let error = env
        .set("myapp", &set)
        .await
        .unwrap()
        .text()
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::Failed, Some("EnvSet"))
    );
}

#[tokio::test]
async fn instances_are_bound_to_apps_and_jobs() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    let instances = tsuru.instances();
    let new = NewInstance::new("mydb").plan("small").owner("admin");
    instances.create("mysql", &new).await.unwrap();
    assert!(
        instances
            .create("mysql", &new)
            .await
            .unwrap_err()
            .is_conflict()
    );
    let unbound = instances
        .unbind("mysql", "mydb", "myapp", &Unbind::new())
        .await
        .unwrap_err();
    assert_eq!(unbound.status(), Some(412));
    instances
        .bind("mysql", "mydb", "myapp", &Bind::new())
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let env = tsuru
        .env()
        .get("myapp", &VariableFilter::new())
        .await
        .unwrap();
    assert!(env.value("DATABASE_HOST").is_some());
    assert_eq!(
        instances.get("mysql", "mydb").await.unwrap().apps,
        ["myapp"]
    );
    let state = instances.status("mysql", "mydb").await.unwrap().state();
    assert_eq!(state.unwrap().as_str(), "up");
    let services = instances
        .list(&InstanceFilter::new().app("myapp"))
        .await
        .unwrap();
    assert_eq!(services[0].service_instances[0].plan, "small");
    let refused = instances
        .remove("mysql", "mydb", &Removal::new())
        .await
        .unwrap_err();
    assert!(refused.is_invalid());

    let job = NewJob::new("report")
        .schedule("0 6 * * *")
        .container(JobContainer::new().image("r:1"));
    assert_eq!(
        tsuru.jobs().create(&job).await.unwrap().name.unwrap(),
        "report"
    );
    instances
        .bind_job("mysql", "mydb", "report", &Bind::new())
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    tsuru.jobs().trigger("report").await.unwrap();
    let found = tsuru.jobs().get("report").await.unwrap().job.unwrap();
    assert_eq!(found.spec.unwrap().schedule, "0 6 * * *");
    assert_eq!(tsuru.jobs().list(&JobFilter::new()).await.unwrap().len(), 1);
    let all = Removal::new().unbind_all(true);
    instances
        .remove("mysql", "mydb", &all)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
}

#[tokio::test]
async fn blocks_keep_operations_from_beginning() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    let freeze = NewBlock::new("freeze").kind("app.deploy");
    tsuru.events().add_block(&freeze).await.unwrap();
    let error = tsuru
        .deploy("myapp", &NewDeploy::image("x"))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("freeze") && !is_locked(&error),
        "{error}"
    );
    let blocks = tsuru.events().blocks(&Default::default()).await.unwrap();
    assert_eq!(
        (blocks[0].reason.as_str(), &blocks[0].ended_at),
        ("freeze", &None)
    );
    tsuru
        .events()
        .remove_block(blocks[0].id.clone())
        .await
        .unwrap();
    tsuru
        .deploy("myapp", &NewDeploy::image("x"))
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
}

#[tokio::test]
async fn which_server_it_is_can_be_asked() {
    let sandbox = start(|sandbox| sandbox).await;
    let found = OldClient::builder()
        .target(sandbox.base_url())
        .token(sandbox.token());
    let Server::V1(tsuru) = found.detect().await.unwrap() else {
        panic!("it is of today");
    };
    assert_eq!(tsuru.apps().list(&AppFilter::new()).await.unwrap().len(), 1);
    // Without a token, it is refused and told all the same.
    let found = OldClient::detect(sandbox.base_url()).await.unwrap();
    assert!(matches!(found, Server::V1(_)));

    for era in [Era::V0_2, Era::V0_4, Era::V0_7] {
        let old = Sandbox::tsuru().era(era).start().await.unwrap();
        let found = OldClient::detect(old.base_url()).await.unwrap();
        assert!(matches!(found, Server::Old(_)), "{era:?}");
    }
    let other = Sandbox::scalingo().start().await.unwrap();
    let error = OldClient::detect(other.base_url()).await.unwrap_err();
    assert!(error.to_string().contains("no tsuru server"), "{error}");
    assert!(error.to_string().contains("404"), "{error}");
}

#[tokio::test]
async fn paths_carry_the_version_that_they_came_with() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    tsuru.certificates().get("myapp").await.unwrap();
    tsuru.certificates().get_pem("myapp").await.unwrap();
    assert_eq!(sent(&sandbox, "GET", "/1.24/apps/myapp/certificate"), 1);
    assert_eq!(sent(&sandbox, "GET", "/1.2/apps/myapp/certificate"), 1);
    sandbox
        .faults()
        .on("GET", "/1.13/jobs")
        .body("404 page not found\n")
        .status(404);
    let error = tsuru.jobs().list(&JobFilter::new()).await.unwrap_err();
    assert!(route_is_missing(&error));
    assert!(tsuru.apps().get("a/b").await.is_err());
}

#[tokio::test]
async fn no_secret_is_shown() {
    const CANARY: &str = "canary-secret";

    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    let set = SetEnv::new([NewVariable::new("KEY", CANARY)]).no_restart();
    let certificate = NewCertificate::new("www.example.com", "PEM", CANARY);
    let mut shown = vec![format!("{tsuru:?} {set:?} {certificate:?}")];
    let call = tsuru.env().set("myapp", &set);
    shown.push(format!("{call:?}"));
    call.await.unwrap().text().await.unwrap();
    shown.push(format!(
        "{:?}",
        tsuru
            .env()
            .get("myapp", &VariableFilter::new())
            .await
            .unwrap()
    ));
    let refused = format!("{CANARY} and {} are wrong", sandbox.token());
    sandbox
        .faults()
        .on("*", "/**")
        .always()
        .body(refused)
        .status(400);
    for error in [
        tsuru.env().set("myapp", &set).await.unwrap_err(),
        tsuru
            .certificates()
            .set("myapp", &certificate)
            .retry(RetryPolicy::never())
            .await
            .unwrap_err(),
    ] {
        shown.extend([error.to_string(), format!("{error:?}"), error.report()]);
    }
    for text in shown {
        assert!(
            !text.contains(CANARY) && !text.contains(&sandbox.token()),
            "{text}"
        );
    }
}
