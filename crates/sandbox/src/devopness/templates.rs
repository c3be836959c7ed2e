//! Applications made from templates.

use serde_json::{Map, Value, json};

use super::Devopness;
use super::call::{Answer, Call};
use super::derived::complete;
use super::errors::Invalid;
use super::kinds::{APPLICATION, ENVIRONMENT};
use super::resources::new_body;
use super::store::State;
use crate::reply::Reply;

impl Devopness {
    /// `POST /environments/{environment_id}/applications/apply-template`: the template itself is not read. The
    /// application is called as the input `application_name` says.
    pub(super) fn apply_template(&self, state: &mut State, call: &Call<'_>) -> Answer {
        let environment = call.find(state, &ENVIRONMENT, call.argument(0))?.place();
        if call.text("template_id").is_empty() && call.text("template").is_empty() {
            let message = "The template field is required when template id is not present.";
            return Err(Invalid::one("template", message).refusal());
        }
        if call.body["dry_run"] == true {
            return Ok(Reply::empty(204));
        }
        let inputs = &call.body["template_inputs"];
        let name = inputs["application_name"].as_str();
        let name = name.unwrap_or(call.text("template_id"));
        let sent = ["template_id", "template_inputs", "template", "dry_run"];
        let mut body: Map<String, Value> = new_body(call, &APPLICATION);
        body.retain(|field, _| !sent.contains(&field.as_str()));
        body.insert("name".to_owned(), json!(name));
        let id = json!(state.count(APPLICATION.collection));
        let made = state.add(&APPLICATION, id, &environment, body, call.at);
        complete(made, &APPLICATION);
        let made = &state.records[state.records.len() - 1];
        let model = state.model(call.row.model.as_deref().unwrap_or_default());
        Ok(call.reply(model.cut(&state.single(made, call.now))))
    }
}
