//! Targets from configuration and from the environment; errors that name the field.

use deploykit::deploy::{Clients, Handle, Rollout, Scalingo, Target};
use deploykit::scalingo::Archive;
use serde_json::{Value, json};

fn read(target: Value) -> Result<Target, String> {
    serde_json::from_value(target).map_err(|error| error.to_string())
}

#[test]
fn each_service_is_read() {
    for (target, name) in [
        (
            json!({"service": "scalingo", "app": "web", "source_url": "https://example.com/a.tar.gz",
                "git_ref": "v7", "roll_back_to": "https://example.com/b.tar.gz"}),
            "scalingo web",
        ),
        (
            json!({"service": "scalingo", "app": "web", "archive": "app.tar.gz"}),
            "scalingo web",
        ),
        (
            json!({"service": "devopness", "application": 7, "branch": "main", "servers": [1, "2"]}),
            "devopness application 7",
        ),
        (
            json!({"service": "devopness", "pipeline": "4", "comment": "release"}),
            "devopness pipeline 4",
        ),
        (
            json!({"service": "tsuru", "app": "shop", "image": "shop:7", "message": "7"}),
            "tsuru shop",
        ),
        (
            json!({"service": "tsuru", "app": "shop", "archive": "a.tar.gz"}),
            "tsuru shop",
        ),
        (
            json!({"service": "tsuru", "app": "shop", "archive_url": "https://example.com/a"}),
            "tsuru shop",
        ),
        (
            json!({"service": "edgegap", "app": "game", "version": 2, "near": ["::1", "45.5,-73.6"],
                "tag": "mine"}),
            "edgegap game/2",
        ),
    ] {
        assert_eq!(read(target).unwrap().to_string(), name);
    }
    let toml = "service = 'tsuru'\napp = 'shop'\nimage = 'shop:7'";
    assert_eq!(
        toml::from_str::<Target>(toml).unwrap().to_string(),
        "tsuru shop"
    );
}

#[test]
fn what_is_wrong_is_named() {
    for (target, problem) in [
        (json!({"app": "x"}), "`service` is missing"),
        (
            json!({"service": "heroku"}),
            "`service` is `heroku`, not one of scalingo, devopness, tsuru, edgegap",
        ),
        (
            json!({"service": "scalingo", "source_url": "https://example.com"}),
            "`app` is missing",
        ),
        (
            json!({"service": "scalingo", "app": "x"}),
            "`source_url` is missing (one of source_url, archive)",
        ),
        (
            json!({"service": "scalingo", "app": "x", "source_url": "a", "archive": "b"}),
            "`archive` is set beside `source_url`",
        ),
        (
            json!({"service": "scalingo", "app": "x", "source_url": "a", "gitref": "b"}),
            "`gitref` is no field of a target of scalingo (service, app, source_url, archive, git_ref, roll_back_to)",
        ),
        (
            json!({"service": "scalingo", "app": " ", "archive": "a"}),
            "`app` is empty",
        ),
        (
            json!({"service": "scalingo", "app": ["x"], "archive": "a"}),
            "`app` is no text",
        ),
        (
            json!({"service": "devopness", "branch": "main"}),
            "`application` is missing (one of application, pipeline)",
        ),
        (
            json!({"service": "devopness", "application": 1, "pipeline": 2}),
            "`pipeline` is set beside `application`",
        ),
        (
            json!({"service": "devopness", "application": "shop"}),
            "`application` is no whole number",
        ),
        (
            json!({"service": "devopness", "application": 1, "branch": "a", "tag": "b"}),
            "`tag` is set beside `branch`",
        ),
        (
            json!({"service": "devopness", "application": 1, "comment": "a"}),
            "`comment` is for pipelines only",
        ),
        (
            json!({"service": "devopness", "application": 1, "servers": ["web"]}),
            "`servers` has an id that is no number",
        ),
        (
            json!({"service": "tsuru", "app": "x"}),
            "`image` is missing (one of image, archive, archive_url)",
        ),
        (
            json!({"service": "edgegap", "app": "x", "version": "1"}),
            "`near` is missing",
        ),
        (
            json!({"service": "edgegap", "app": "x", "version": "1", "near": []}),
            "`near` is empty",
        ),
        (
            json!({"service": "edgegap", "app": "x", "version": "1", "near": {"a": 1}}),
            "`near` is no list",
        ),
        (
            json!({"service": "edgegap", "app": "x", "version": "1", "near": "north,west"}),
            "`near` has a place that is no",
        ),
    ] {
        let error = read(target.clone()).expect_err(&target.to_string());
        assert!(error.contains(problem), "{target}: {error}");
    }
}

#[test]
fn no_secret_is_shown() {
    for target in [
        json!({"service": "scalingo", "app": "x", "source_url": "https://canary@example.com",
            "roll_back_to": "https://canary@example.com"}),
        json!({"service": "tsuru", "app": "x", "archive_url": "https://canary@example.com"}),
    ] {
        let target = read(target).unwrap();
        assert!(!format!("{target:?} {target}").contains("canary"));
        assert!(!format!("{:?}", Rollout::new(target)).contains("canary"));
    }
    let bytes = Archive::bytes(&b"\x1f\x8bcanary"[..]);
    assert!(!format!("{:?}", Scalingo::archive("x", bytes)).contains("canary"));
    // Nor is what is wrong quoted where it may be one.
    let error = read(json!({"service": "scalingo", "app": "x", "source_url": {"a": "canary"}}));
    assert!(!error.unwrap_err().contains("canary"));
}

#[test]
fn the_environment_is_read_and_errors_name_the_variable() {
    let read = |variables: &[(&str, &str)]| {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Target::from_variables(variables.iter().map(own))
    };
    let game = [
        ("DEPLOYKIT_SANDBOX_HOST", "::1"),
        ("DEPLOYKIT_TARGET_SERVICE", "edgegap"),
        ("DEPLOYKIT_TARGET_APP", "game"),
        ("DEPLOYKIT_TARGET_VERSION", "v2"),
        ("DEPLOYKIT_TARGET_NEAR", "198.51.100.7 45.5,-73.6"),
        ("DEPLOYKIT_TARGET_TAG", " "),
    ];
    assert_eq!(read(&game).unwrap().to_string(), "edgegap game/v2");
    for (name, value, problem) in [
        (
            "DEPLOYKIT_TARGET_VERSION",
            "",
            "`DEPLOYKIT_TARGET_VERSION` is missing",
        ),
        (
            "DEPLOYKIT_TARGET_SERVICE",
            "",
            "`DEPLOYKIT_TARGET_SERVICE` is missing",
        ),
        (
            "DEPLOYKIT_TARGET_SERVICE",
            "x",
            "`DEPLOYKIT_TARGET_SERVICE` is `x`",
        ),
        (
            "DEPLOYKIT_TARGET_IMAGE",
            "x",
            "`DEPLOYKIT_TARGET_IMAGE` is no field",
        ),
        (
            "DEPLOYKIT_TARGET_NEAR",
            "a,b",
            "`DEPLOYKIT_TARGET_NEAR` has a place",
        ),
    ] {
        let mut variables = game.to_vec();
        variables.retain(|(known, _)| *known != name);
        variables.push((name, value));
        let error = read(&variables).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[tokio::test]
async fn a_handle_of_another_program_is_refused_in_words() {
    let handle = r#"{"service":"heroku","kind":"app","name":"x","id":"1","new_field":true}"#;
    let handle: Handle = serde_json::from_str(handle).unwrap();
    let rollout = Rollout::resume(handle).clients(&Clients::new());
    let error = rollout.await.unwrap_err();
    assert!(error.to_string().contains("is of `heroku`"), "{error}");
}
