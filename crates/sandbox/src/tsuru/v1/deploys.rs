//! Deploys.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::errors::{Answer, refusal};
use super::events::Telling;
use super::input::Input;
use super::state::{Deploy, State};
use super::{Call, TsuruV1, done, list};
use crate::reply::Reply;

impl TsuruV1 {
    pub(super) fn deploys(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        Some(match (operation, call.stars.as_slice()) {
            ("AppDeploy", [app]) => self.deploy(state, input, call, app),
            ("AppBuild", [app]) => input
                .required("tag")
                .and_then(|_| self.deploy(state, input, call, app)),
            ("deployRollback", [app]) => input.required("image").and_then(|image| {
                let known = |deploy: &&Deploy| {
                    deploy.app == *app
                        && (deploy.image == image || deploy.version.to_string() == image)
                };
                let Some(found) = state.deploys.iter().find(known).cloned() else {
                    return Err(refusal(400, format!("invalid version: {image}")));
                };
                self.again(state, input, call, app, &found.image)
            }),
            ("deployRebuild", [app]) => self.again(state, input, call, app, ""),
            ("deployRollbackUpdate", [app]) => state.app(app).and_then(|_| {
                input.required("image")?;
                done()
            }),
            ("jobDeploy", [job]) => self.deploy_job(state, input, call, job),
            ("deploysList", _) => {
                let app = input.text("app");
                let wanted = |deploy: &&Deploy| app.is_empty() || deploy.app == app;
                let skip = usize::try_from(input.number("skip").unwrap_or(0)).unwrap_or(0);
                let limit = usize::try_from(input.number("limit").unwrap_or(0)).unwrap_or(0);
                let limit = if limit == 0 { usize::MAX } else { limit };
                let found = state
                    .deploys
                    .iter()
                    .rev()
                    .filter(wanted)
                    .skip(skip)
                    .take(limit);
                list(found.map(|deploy| view(state, deploy)).collect())
            }
            ("deployInfo", [id]) => {
                let found = state.deploys.iter().find(|deploy| deploy.event == *id);
                let found = found.ok_or_else(|| refusal(404, "Deploy not found."));
                found.map(|deploy| Reply::json(200, view(state, deploy)))
            }
            _ => return None,
        })
    }

    fn deploy(
        self: &Arc<Self>,
        state: &mut State,
        input: &Input,
        call: &Call<'_>,
        app: &str,
    ) -> Answer {
        state.app(app)?;
        let image = input.text("image");
        let sources = [
            !image.is_empty(),
            !input.text("archive-url").is_empty(),
            input.file.is_some() || !input.text("dockerfile").is_empty(),
        ];
        match sources.iter().filter(|given| **given).count() {
            1 => {}
            0 => {
                return Err(refusal(
                    400,
                    "you must specify either the archive-url, a image url or upload a file.",
                ));
            }
            _ => {
                return Err(refusal(
                    400,
                    "you must specify only one of them: image, archive-url or file.",
                ));
            }
        }
        let mut lines = vec!["---- Getting the sources ----".to_owned()];
        if let Some(size) = input.file {
            lines.push(format!(" ---> received {size} bytes"));
        }
        lines.extend([
            "---- Building image ----".to_owned(),
            " ---> Sending image to repository".to_owned(),
            "---- Updating units [web] ----".to_owned(),
        ]);
        let deploy = Deploy {
            app: app.to_owned(),
            image,
            origin: input.text("origin"),
            message: input.text("message"),
            ..Deploy::default()
        };
        self.begin_deploy(state, call, ("app", app), lines, deploy, Telling::Text)
    }

    /// A deploy of what was there: its output is JSON lines, and no header names its event.
    fn again(
        self: &Arc<Self>,
        state: &mut State,
        input: &Input,
        call: &Call<'_>,
        app: &str,
        image: &str,
    ) -> Answer {
        state.app(app)?;
        let lines = vec!["---- Updating units [web] ----".to_owned()];
        let deploy = Deploy {
            app: app.to_owned(),
            image: image.to_owned(),
            origin: input.text("origin"),
            ..Deploy::default()
        };
        self.begin_deploy(state, call, ("app", app), lines, deploy, Telling::Json)
    }

    fn deploy_job(
        self: &Arc<Self>,
        state: &mut State,
        input: &Input,
        call: &Call<'_>,
        job: &str,
    ) -> Answer {
        super::things::thing(state, "jobs", job)?;
        if input.text("image").is_empty() && input.text("dockerfile").is_empty() {
            return Err(refusal(400, "you must specify an image or a Dockerfile"));
        }
        let lines = vec!["---- Updating job ----".to_owned()];
        self.begin_deploy(
            state,
            call,
            ("job", job),
            lines,
            Deploy::default(),
            Telling::Text,
        )
    }

    #[allow(clippy::too_many_arguments, reason = "said once")]
    fn begin_deploy(
        self: &Arc<Self>,
        state: &mut State,
        call: &Call<'_>,
        target: (&str, &str),
        lines: Vec<String>,
        deploy: Deploy,
        telling: Telling,
    ) -> Answer {
        let kind = format!("{}.deploy", target.0);
        let mut event = self.event(call, &kind, target, self.knobs.deploy);
        event.lines = lines;
        event.deploy = Some(deploy);
        if state.failing > 0 {
            state.failing -= 1;
            event.fails = Some("deploy failed: exit status 1".to_owned());
        }
        let id = state.begin(event.clone())?;
        Ok(self.tell(id, event, telling))
    }
}

fn view(state: &State, deploy: &Deploy) -> Value {
    let event = state.events.iter().find(|event| event.id == deploy.event);
    let error = event.map_or("", |event| event.error.as_str());
    let duration = event.map_or(0, |event| event.takes.as_nanos());
    let log: String = event.map_or(String::new(), |event| event.lines.join("\n"));
    json!({
        "ID": deploy.event, "App": deploy.app, "Commit": "", "Error": error, "Image": deploy.image,
        "Timestamp": event.map(|event| event.at.to_string()),
        "Duration": u64::try_from(duration).unwrap_or(u64::MAX), "Version": deploy.version, "Log": log,
        "User": event.map(|event| event.owner.clone()), "Origin": deploy.origin,
        "CanRollback": error.is_empty(), "Diff": "", "Message": deploy.message,
    })
}
