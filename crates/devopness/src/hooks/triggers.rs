//! When a hook is triggered, and with what.

use deploykit_core::Absent;
use serde_json::Value;

use super::{HookOutgoingRequestHeader, HookVariable};

deploykit_core::open_enum! {
    /// Whether a hook is called or calls.
    pub enum HookType {
        /// It is called, and triggers an action.
        Incoming = "in",
        /// It calls, when an action changes.
        Outgoing = "out",
    }
}

deploykit_core::open_enum! {
    /// The type of a hook, as it stands in paths.
    pub enum HookTypeParam {
        /// Hooks that are called.
        Incoming = "incoming",
        /// Hooks that call.
        Outgoing = "outgoing",
    }
}

deploykit_core::open_enum! {
    /// Type of a hook variable's value.
    pub enum HookVariableType {
        /// A text.
        String = "string",
        /// A whole number.
        Integer = "integer",
        /// A list.
        Array = "array",
        /// Yes or no.
        Boolean = "boolean",
    }
}

deploykit_core::open_enum! {
    /// Where a condition looks for its value.
    pub enum TriggerWhenConditionType {
        /// The request's body.
        RequestBody = "request_body",
    }
}

deploykit_core::request! {
    /// What triggers a hook.
    pub struct HookTriggerWhen {
        optional {
            /// Changes that an outgoing hook reports, such as `action.completed`.
            events: Vec<String>,
            /// What must hold, all of it.
            conditions: Vec<TriggerCondition>,
        }
    }
}

deploykit_core::request! {
    /// A value that must be one of some.
    pub struct TriggerCondition {
        required {
            /// Where the value is, in dot notation: in the request's body of an incoming hook, in the
            /// variables of an outgoing one (`action.pipeline.id`).
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            path: String,
            /// The values that will do: texts, numbers, booleans or null.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            accepted_values: Vec<Value>,
        }
        optional {
            /// Name of the condition.
            name: String,
            /// Where the value is looked for; incoming hooks only, and required for them.
            #[serde(rename = "type")]
            kind: TriggerWhenConditionType,
        }
    }
}

deploykit_core::request! {
    /// What an incoming hook reads from the request it gets, or an outgoing one puts into the one it makes.
    pub struct HookSettings {
        optional {
            /// Values that an incoming hook takes out of the request.
            variables: Vec<HookVariable>,
            /// Headers that an outgoing hook sends.
            request_headers: Vec<HookOutgoingRequestHeader>,
            /// Body that an outgoing hook sends: a text, an object or a list of objects.
            request_body: Value,
        }
    }
}
