//! Restarts: a GET of old servers, a POST of newer ones.

use deploykit_core::{Composite, Endpoint, Method};

use crate::{AppName, Apps, Client, Output, route_is_missing};

static RESTART_BY_POST: Endpoint =
    Endpoint::new("restartAnApp", Method::POST, "/apps/{app}/restart").accept("text/plain");

/// The method that restarts an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RestartBy {
    /// As documented, and on servers up to 0.4.
    #[default]
    Get,
    /// On servers from 0.5 on.
    Post,
}

impl Client {
    /// Restarts the units of an app; the server writes what it does meanwhile.
    ///
    /// It begins with GET, as documented, or with the method that
    /// [`restart_with`](crate::ClientBuilder::restart_with) says. Only if the server has no such route, so
    /// that nothing can have happened, the other method follows. It is never sent again for another reason.
    ///
    /// # Errors
    ///
    /// 404 if there is no such app, 403 if the user has no access to it, 409 if it is locked.
    pub fn restart(&self, app: impl Into<AppName>) -> Composite<Output> {
        let (app, restart_with) = (app.into(), self.restart_with);
        Composite::new(self.core(), "the restart", move |client| async move {
            let by_get = || Apps::new(&client).restart_by_get(&app).request().clone();
            let by_post = || client.request(&RESTART_BY_POST).segment("app", &app);
            let (first, second) = match restart_with {
                RestartBy::Post => (by_post(), by_get()),
                RestartBy::Get => (by_get(), by_post()),
            };
            let answer = match client.stream(first).await {
                Err(error) if route_is_missing(&error) => client.stream(second).await?,
                answer => answer?,
            };
            Ok(Output::from(answer))
        })
    }
}
