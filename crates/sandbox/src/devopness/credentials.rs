//! Credentials of organizations, and the environments that they are linked to.

use super::call::{Answer, Call};
use super::kinds::{CREDENTIAL, ENVIRONMENT};
use super::store::{State, place};

/// `POST /environments/{environment_id}/credentials/{credential_id}/link` and `DELETE …/unlink`
pub(super) fn change_link(state: &mut State, call: &Call<'_>) -> Answer {
    let (environment, credential) = (call.argument(0), call.argument(1));
    call.find(state, &ENVIRONMENT, environment)?;
    state.find(&CREDENTIAL, credential, None)?;
    match call.request.method() {
        "DELETE" => {
            let place = place(ENVIRONMENT.resource, environment);
            if let Some(credential) = state.get_mut(&CREDENTIAL, credential) {
                credential.linked.retain(|linked| *linked != place);
            }
        }
        _ => link(state, credential, environment),
    }
    Ok(call.done())
}

/// Links a credential to an environment. What belongs to an organization only is out of the reach of a
/// project's token: from its first link on, a credential counts to that project.
pub(super) fn link(state: &mut State, credential: &str, environment: &str) {
    let Some(found) = state.get(&ENVIRONMENT, environment) else {
        return;
    };
    let (place, project, environment) = (found.place(), found.project, found.environment);
    if let Some(credential) = state.get_mut(&CREDENTIAL, credential) {
        if !credential.linked.contains(&place) {
            credential.linked.push(place);
        }
        credential.project = credential.project.or(project);
        credential.environment = credential.environment.or(environment);
    }
}
