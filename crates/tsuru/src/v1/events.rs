//! Events: who did what, what goes on, and how to stop it.

use deploykit_core::{Time, Wait, endpoints, id, model, request};

use super::pairs::pairs;
use crate::list::List;
use crate::{Done, lenient};

id! {
    /// An event, by its id: 24 hexadecimal digits.
    pub struct EventId(String);

    /// A block, by its id.
    pub struct BlockId(String);
}

endpoints! {
    /// Events.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::EventFilter;
    ///
    /// let of_app = EventFilter::new().target_type("app").target("myapp").running(true);
    /// for event in tsuru.events().list(&of_app).await? {
    ///     println!("{} by {:?}", event.kind_name(), event.owner);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Events;

    /// Lists events, newest first; 100 at the most.
    /// More follow under [`EventFilter::skip`]: servers tell no total, a short answer is the last.
    EventList: GET "/1.1/events" => list(query: &EventFilter) -> Vec<Event> via EventItems [empty_means("[]")];

    /// Tells about one event, with its log.
    EventInfo: GET "/1.1/events/{event}" => get(event: EventId) -> Event;

    /// Asks for an end. The operation ends when it comes to look; 404 if there is none that can be cancelled.
    EventCancel: POST "/1.1/events/{event}/cancel" => cancel(event: EventId, body: &Cancel) -> Done;

    /// Lists the kinds of events.
    kindList: GET "/1.1/events/kinds" => kinds() -> Vec<EventKind> via KindItems [empty_means("[]")];

    /// Lists blocks: what keeps operations from beginning.
    eventBlockList: GET "/1.3/events/blocks" => blocks(query: &BlockFilter) -> Vec<Block> via BlockItems
        [empty_means("[]")];

    /// Adds a block.
    eventBlockAdd: POST "/1.3/events/blocks" => add_block(body: &NewBlock) -> Done;

    /// Ends a block.
    eventBlockRemove: DELETE "/1.3/events/blocks/{block}" => remove_block(block: BlockId) -> Done;
}

impl Events {
    /// Waits for the end of an event; 30 min unless told otherwise.
    pub fn wait(&self, event: impl Into<EventId>) -> Wait<Event> {
        super::following::wait(self, &event.into())
    }
}

type EventItems = List<Event>;
type KindItems = List<EventKind>;
type BlockItems = List<Block>;

pairs! {
    /// Which events to list.
    pub struct EventFilter {
        /// About this type of thing: `app`, `job`, `service-instance`.
        target_type = "target.type": String,
        /// About the thing of this name.
        target = "target.value": String,
        /// Of this type of kind: `permission` or `internal`.
        kind_type = "kindType": String,
        /// Of this kind, such as `app.deploy`; may be said several times.
        kind = "kindName": String,
        /// By this type of owner: `user`, `app`, `token`.
        owner_type = "ownerType": String,
        /// By the owner of this name.
        owner = "ownerName": String,
        /// Begun at this time (RFC 3339) or later.
        since = "since": String,
        /// Begun at this time (RFC 3339) or earlier.
        until = "until": String,
        /// Whether it goes on.
        running = "running": bool,
        /// Only what failed.
        errors_only = "errorOnly": bool,
        /// So many at the most; 100, which is also the most there can be.
        limit = "limit": u32,
        /// Without the first so many.
        skip = "skip": u32,
        /// In this order: `-starttime`.
        sort = "sort": String,
    }
}

pairs! {
    /// Which blocks to list.
    pub struct BlockFilter {
        /// Only those that block, or only those that ended.
        active = "active": bool,
    }
}

request! {
    /// Why to cancel.
    pub struct Cancel {
        required {
            /// For those who look at the event.
            reason: String,
        }
    }
    check |it| {
        if it.reason.trim().is_empty() {
            return Err(deploykit_core::Error::invalid_input("reason", "is empty"));
        }
        Ok(())
    }
}

request! {
    /// What to keep from beginning.
    pub struct NewBlock {
        required {
            /// Why.
            #[serde(rename = "Reason")]
            reason: String,
        }
        optional {
            /// Operations of this kind.
            #[serde(rename = "KindName")]
            kind: String,
            /// Operations of this user.
            #[serde(rename = "OwnerName")]
            owner: String,
            /// Operations on this.
            #[serde(rename = "Target")]
            target: Target,
        }
    }
}

request! {
    /// What something is about.
    pub struct Target {
        required {
            /// `app`, `job`, `service-instance`.
            #[serde(rename = "Type")]
            kind: String,
            /// Its name.
            #[serde(rename = "Value")]
            value: String,
        }
    }
}

model! {
    /// Something that was done, or goes on.
    pub struct Event {
        required {
            /// Its id.
            id = "UniqueID" | "uniqueid": EventId,
        }
        /// What it is about.
        target = "Target": Option<EventTarget>,
        /// What else it is about.
        extra_targets = "ExtraTargets": Vec<ExtraTarget>,
        /// What it is.
        kind = "Kind": Option<EventKind>,
        /// Who did it.
        owner = "Owner": Option<EventOwner>,
        /// From where.
        source_ip = "SourceIP": Option<String>,
        /// When it began.
        started_at = "StartTime": Option<Time> as lenient::time,
        /// When it ended; none while it goes on.
        ended_at = "EndTime": Option<Time> as lenient::time,
        /// When it will be forgotten.
        expires_at = "ExpireAt": Option<Time> as lenient::time,
        /// When it last said that it goes on.
        lock_updated_at = "LockUpdateTime": Option<Time> as lenient::time,
        /// Why it failed; empty if it did not.
        error = "Error": String,
        /// What was written meanwhile.
        log = "Log": String,
        /// The same, with times.
        lines = "StructuredLog": Vec<EventLine>,
        /// Whether it goes on.
        running = "Running": Option<bool>,
        /// Whether it can be cancelled.
        cancelable = "Cancelable": Option<bool>,
        /// Who wants it to end.
        cancel = "CancelInfo": Option<CancelInfo>,
        /// Who may see it.
        allowed = "Allowed": Option<Allowed>,
        /// Who may cancel it.
        allowed_cancel = "AllowedCancel": Option<Allowed>,
        /// The server that does it.
        instance = "Instance": Option<serde_json::Value>,
        /// Its lock.
        lock = "Lock": Option<EventTarget>,
        /// What it was given and gave, as the server keeps it.
        custom_data = "CustomData": Option<serde_json::Value>,
        /// What it was given, encoded.
        start_data = "StartCustomData": Option<serde_json::Value>,
        /// What it gave, encoded.
        end_data = "EndCustomData": Option<serde_json::Value>,
        /// What else there is, encoded.
        other_data = "OtherCustomData": Option<serde_json::Value>,
    }
}

impl Event {
    /// Whether it goes on; by its times, where the server does not say it.
    pub fn is_running(&self) -> bool {
        self.running.unwrap_or(self.ended_at.is_none())
    }

    /// What it is: `app.deploy`.
    pub fn kind_name(&self) -> &str {
        self.kind.as_ref().map_or("", |kind| &kind.name)
    }
}

model! {
    /// What an event is about.
    pub struct EventTarget {
        /// `app`, `job`, `service-instance`.
        kind = "Type" | "type": String,
        /// Its name.
        value = "Value" | "value": String,
    }
}

model! {
    /// What else an event is about.
    pub struct ExtraTarget {
        /// The thing.
        target = "Target": Option<EventTarget>,
        /// Whether it is locked, too.
        lock = "Lock": Option<bool>,
    }
}

model! {
    /// What an event is.
    pub struct EventKind {
        /// `permission`, or `internal` for what nobody asked for.
        kind = "Type" | "type": String,
        /// `app.deploy`, `app.update.env.set`.
        name = "Name" | "name": String,
    }
}

model! {
    /// Who did it.
    pub struct EventOwner {
        /// `user`, `app`, `token`, `internal`.
        kind = "Type": String,
        /// Name.
        name = "Name": String,
    }
}

model! {
    /// A line of an event's log.
    pub struct EventLine {
        /// When.
        at = "Date": Option<Time> as lenient::time,
        /// What.
        message = "Message": String,
    }
}

model! {
    /// Who wants an event to end.
    pub struct CancelInfo {
        /// Who.
        owner = "Owner": String,
        /// When it was asked for.
        asked_at = "StartTime": Option<Time> as lenient::time,
        /// When the operation took note.
        acknowledged_at = "AckTime": Option<Time> as lenient::time,
        /// Why.
        reason = "Reason": String,
        /// Whether it was asked for.
        asked = "Asked": Option<bool>,
        /// Whether it ended.
        canceled = "Canceled": Option<bool>,
    }
}

model! {
    /// Who may do something.
    pub struct Allowed {
        /// Permission.
        scheme = "Scheme": String,
        /// Where.
        contexts = "Contexts": Vec<Scope>,
    }
}

model! {
    /// Where a permission holds.
    pub struct Scope {
        /// `app`, `team`, `global`.
        kind = "CtxType": String,
        /// Name.
        value = "Value": String,
    }
}

model! {
    /// What keeps operations from beginning.
    pub struct Block {
        required {
            /// Its id.
            id = "ID" | "id": BlockId,
        }
        /// When it began.
        started_at = "StartTime": Option<Time> as lenient::time,
        /// When it ended; none while it blocks.
        ended_at = "EndTime": Option<Time> as lenient::time,
        /// What kind of operations.
        kind = "KindName": String,
        /// Whose operations.
        owner = "OwnerName": String,
        /// Operations on what.
        target = "Target": Option<EventTarget>,
        /// Why.
        reason = "Reason": String,
        /// Whether it blocks.
        active = "Active": Option<bool>,
        /// What else it asks of an operation.
        conditions = "Conditions": Option<serde_json::Value>,
    }
}
