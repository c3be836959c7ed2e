//! What a call sent, for the errors that its answer may become.

use std::sync::Arc;

use http::HeaderMap;
use url::Url;

use crate::calling::request::Request;
use crate::models::secret::Secret;
use crate::sending::auth::Authorization;
use crate::sending::redact::{CREDENTIAL, Redactor};

/// What all requests of a client have.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) base: Url,
    pub(crate) headers: HeaderMap,
    /// What no error may show, whether it was sent or not.
    pub(crate) hidden: Vec<Secret>,
}

impl Common {
    /// Knows what this call must not show.
    pub(crate) fn redactor(&self, request: &Request, used: Option<&Authorization>) -> Redactor {
        let mut redactor = Redactor::default();
        for secret in &self.hidden {
            redactor.hide(secret.expose(), CREDENTIAL);
        }
        if let Some(used) = used {
            redactor.hide(used.secret.expose(), CREDENTIAL);
            // As it stands in the header: encoded, for some.
            let value = used.value.to_str().unwrap_or_default();
            redactor.hide(value.rsplit(' ').next().unwrap_or_default(), CREDENTIAL);
        }
        for secret in &request.secrets {
            redactor.hide_if_it_tells(secret.expose());
        }
        let given = self.headers.values().chain(request.headers.values());
        for value in given.filter(|value| value.is_sensitive()) {
            redactor.hide_if_it_tells(value.to_str().unwrap_or_default());
        }
        for text in request.unspoken(&self.base) {
            redactor.hide_if_it_tells(text.expose());
        }
        redactor
    }
}

/// What a call sent, kept until it is known whether an error is to be made of its answer.
pub(crate) struct Sent {
    pub(crate) common: Arc<Common>,
    pub(crate) request: Request,
    pub(crate) used: Option<Authorization>,
}

impl Sent {
    pub(crate) fn redactor(&self) -> Redactor {
        self.common.redactor(&self.request, self.used.as_ref())
    }
}
