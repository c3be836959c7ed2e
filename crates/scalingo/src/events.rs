//! Events: the timeline of applications, projects and the account, and waiting for what comes into it.

use std::time::Duration;

use deploykit_core::{Composite, Pages, Response, State, Time, Wait};
use futures::TryStreamExt as _;
use futures::future::BoxFuture;

use crate::{API, AppRef, ProjectId, Pusher};

mod data;
pub mod details;
mod kind;

pub use data::EventData;
pub use details::EventDetails;
pub use kind::EventKind;

deploykit_core::id! {
    /// An event.
    pub struct EventId(String);
    /// A type of events, as notifiers name it.
    pub struct EventTypeId(String);
}

deploykit_core::endpoints! {
    /// Events: who did what, and what the platform did by itself. Newest first.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{EventDetails, EventKind, Restart};
    ///
    /// let events = client.events();
    /// let before = events.newest("example-app").await?;
    /// client.containers().restart("example-app", &Restart::only(["web"])).await?;
    ///
    /// let is_restart = |event: &deploykit_scalingo::Event| event.kind == EventKind::Restart;
    /// let restarts = events.wait_for("example-app", before.as_ref(), is_restart).await?;
    /// let EventDetails::Restart(restart) = restarts[0].details() else { panic!("another event") };
    /// assert_eq!(restart.scope, ["web"]);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Events;

    /// Lists the events of an application, newest first. [`recent`](Events::recent) takes those of the last hours.
    listAppEvents: GET "/v1/apps/{app}/events" => list(app: AppRef) -> Pages<Event> by id
        [envelope("events"), quota(&API)];

    /// Lists the events of the account and of all its applications, newest first.
    listUserEvents: GET "/v1/events" => of_account() -> Pages<Event> by id [envelope("events"), quota(&API)];

    /// Lists the events of a project, newest first.
    listProjectEvents: GET "/v1/projects/{project_id}/events" => of_project(project_id: ProjectId) -> Pages<Event> by id
        [envelope("events"), quota(&API)];

    /// Fetches one event.
    getAppEvent: GET "/v1/apps/{app}/events/{event_id}" => get(app: AppRef, event_id: EventId) -> Event
        [envelope("event"), quota(&API)];

    /// Lists the types of events that notifiers can be told to send.
    listEventTypes: GET "/v1/event_types" => types() -> Vec<EventType> [envelope("event_types"), quota(&API)];

    /// Lists the categories of those types.
    listEventCategories: GET "/v1/event_categories" => categories() -> Vec<EventCategory>
        [envelope("event_categories"), quota(&API)];
}

deploykit_core::model! {
    /// Something that happened.
    pub struct Event {
        required {
            /// Id.
            id: EventId,
        }
        /// When it happened.
        created_at: Option<Time>,
        /// Who did it; none if an add-on or the platform did.
        user: Option<Pusher>,
        /// Application it happened to.
        app_id: Option<String>,
        /// Name that the application had then.
        app_name: Option<String>,
        /// Project it happened to.
        project_id: Option<String>,
        /// Name that the project had then.
        project_name: Option<String>,
        /// What happened.
        kind = "type": EventKind,
        /// What is special to its kind, as it came; [`details`](Event::details) reads it.
        data = "type_data": EventData,
    }
}

impl Event {
    /// What is special to its kind. A field that cannot be read, or is not there, is none; what this version does not
    /// know is in [`data`](Event::data).
    #[inline]
    pub fn details(&self) -> EventDetails {
        EventDetails::of(&self.kind, &self.data)
    }
}

deploykit_core::model! {
    /// A type of events.
    pub struct EventType {
        required {
            /// Id.
            id: EventTypeId,
        }
        /// Its category.
        category_id: Option<String>,
        /// Name: `app_deployed`.
        name: String,
        /// Name to show.
        display_name = "display_name" | "display_named": Option<String>,
        /// When such events happen.
        description: Option<String>,
        /// How they are worded.
        template: Option<String>,
    }
}

deploykit_core::model! {
    /// A category of types of events.
    pub struct EventCategory {
        /// Id.
        id: Option<String>,
        /// Name.
        name: String,
        /// Name to show.
        display_name: Option<String>,
        /// Its place among the categories.
        position: Option<i64> as deploykit_core::de::number,
    }
}

/// So many events are looked at, at most, to find those that are waited for.
const MOST: usize = 1000;

impl Events {
    /// The events of an application in the last hours, from 1 to 72: the service answers with all of them at once.
    pub fn recent(&self, app: impl Into<AppRef>, hours: u8) -> Pages<Event> {
        self.list(app).map_request(|request| match hours {
            1..=72 => request.query_pair("from", &hours),
            _ => request.refuse("hours", "is not between 1 and 72"),
        })
    }

    /// The newest event of an application, if there is one: a mark, to [wait](Self::wait_for) for what comes after.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub fn newest(&self, app: impl Into<AppRef>) -> Composite<Option<Event>> {
        self.last(app.into())
    }

    #[inline]
    fn last(&self, app: AppRef) -> Composite<Option<Event>> {
        Composite::new(&self.client, "the newest event", move |client| async move {
            let page = Self::new(&client).list(app).per_page(1).await?;
            Ok(page.items.into_iter().next())
        })
    }

    /// Waits for an event that is meant and came after another one, for at most 30 minutes. Gives all such events,
    /// oldest first: at least one.
    ///
    /// Take the mark [before](Self::newest) you do what the event tells of, so that it cannot be missed; without one,
    /// what happened long ago counts as well. Each look goes back to the mark, by 1000 events at most: an event that
    /// changes while it is watched, as that of a deployment, is seen as it is then.
    ///
    /// # Errors
    ///
    /// See [`Wait`](deploykit_core::Wait).
    pub fn wait_for(
        &self,
        app: impl Into<AppRef>,
        after: Option<&Event>,
        is_meant: impl Fn(&Event) -> bool + Send + Sync + Clone + 'static,
    ) -> Wait<Vec<Event>> {
        let (this, app) = (self.clone(), app.into());
        let mark = after.map(|event| (event.id.clone(), event.created_at.clone()));
        let what = format!("an event of {app}");
        let look = move || -> BoxFuture<'static, _> {
            let events = this.list(app.clone()).per_page(100).items();
            let (mark, is_meant) = (mark.clone(), is_meant.clone());
            Box::pin(async move {
                let new = events.try_take_while(move |event| {
                    let is_new = mark.as_ref().is_none_or(|mark| is_after(event, mark));
                    std::future::ready(Ok(is_new))
                });
                let new = futures::StreamExt::take(new, MOST);
                let meant = new.try_filter(|event| std::future::ready(is_meant(event)));
                let mut meant: Vec<_> = meant.try_collect().await?;
                meant.reverse();
                Ok(Response::new(meant))
            })
        };
        let judge = |meant: &Vec<Event>| match meant.is_empty() {
            true => (State::Running, String::new()),
            false => (State::Done, String::new()),
        };
        // The quota of a minute is not for waiting alone.
        Wait::new(what, look, judge).every(Duration::from_secs(2), Duration::from_secs(10))
    }
}

/// Whether an event is newer than the mark. The mark itself may be gone: then its time tells.
fn is_after(event: &Event, (id, at): &(EventId, Option<Time>)) -> bool {
    let time = |at: &Option<Time>| at.as_ref().and_then(Time::timestamp);
    let older = match (time(&event.created_at), time(at)) {
        (Some(event), Some(mark)) => event < mark,
        _ => false,
    };
    event.id != *id && !older
}
