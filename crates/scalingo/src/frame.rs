//! Frames of the live stream, as they come.

use std::borrow::Cow;
use std::fmt;

use deploykit_core::Time;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Deployment, DeploymentId, DeploymentStatus};

/// What the service said on the live stream.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Frame {
    /// A deployment began. Not always sent: never wait for it.
    New {
        /// Its id.
        deployment: DeploymentId,
        /// The deployment itself, where the service sends it whole.
        details: Option<Box<Deployment>>,
    },
    /// A piece of the log, mostly one line.
    Log {
        /// The deployment it belongs to.
        deployment: DeploymentId,
        /// The text as it came: colours, leading spaces and line ends kept.
        content: String,
    },
    /// A deployment changed its status.
    Status {
        /// The deployment it belongs to.
        deployment: DeploymentId,
        /// The new status.
        status: DeploymentStatus,
    },
    /// A sign of life.
    Ping {
        /// When it was sent.
        at: Option<Time>,
    },
    /// Anything else, as it came.
    Unknown(Value),
}

impl Frame {
    /// Reads a frame. What is JSON but no known frame is [`Unknown`](Frame::Unknown); what is no JSON is none.
    pub fn parse(text: &str) -> Option<Self> {
        match serde_json::from_str::<Wire<'_>>(text)
            .ok()
            .and_then(Wire::known)
        {
            Some(frame) => Some(frame),
            None => serde_json::from_str(text).ok().map(Self::Unknown),
        }
    }
}

/// The first frame that a client sends.
#[derive(Serialize)]
pub(crate) struct Auth<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    data: AuthData<'a>,
}

#[derive(Serialize)]
struct AuthData<'a> {
    token: &'a str,
}

impl<'a> Auth<'a> {
    pub(crate) fn new(token: &'a str) -> Self {
        Self {
            kind: "auth",
            data: AuthData { token },
        }
    }
}

/// All frames in one shape, read in one pass whatever the order of the keys.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    id: Option<DeploymentId>,
    #[serde(default)]
    data: Data,
}

#[derive(Default)]
struct Data {
    content: Option<String>,
    status: Option<DeploymentStatus>,
    deployment: Option<Started>,
    ts: Option<Time>,
}

/// A deployment that began: its id, or the deployment itself.
enum Started {
    Id(DeploymentId),
    Whole(Box<Deployment>),
}

impl Wire<'_> {
    fn known(self) -> Option<Frame> {
        match &*self.kind {
            "log" => Some(Frame::Log {
                deployment: self.id?,
                content: self.data.content?,
            }),
            "status" => Some(Frame::Status {
                deployment: self.id?,
                status: self.data.status?,
            }),
            "ping" => Some(Frame::Ping { at: self.data.ts }),
            "new" => Some(match (self.data.deployment, self.id) {
                (Some(Started::Whole(details)), _) => Frame::New {
                    deployment: details.id.clone(),
                    details: Some(details),
                },
                (Some(Started::Id(deployment)), _) | (None, Some(deployment)) => Frame::New {
                    deployment,
                    details: None,
                },
                (None, None) => return None,
            }),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "lowercase")]
        enum Key {
            Content,
            // The official command line tool's own spelling has a capital.
            #[serde(alias = "Status")]
            Status,
            Deployment,
            Ts,
            #[serde(other)]
            Other,
        }

        struct DataVisitor;

        impl<'de> Visitor<'de> for DataVisitor {
            type Value = Data;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the data of a frame")
            }

            fn visit_unit<E>(self) -> Result<Data, E> {
                Ok(Data::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
                let mut data = Data::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Content => data.content = map.next_value()?,
                        Key::Status => data.status = map.next_value()?,
                        Key::Deployment => data.deployment = map.next_value()?,
                        Key::Ts => data.ts = map.next_value()?,
                        Key::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(data)
            }
        }

        deserializer.deserialize_any(DataVisitor)
    }
}

impl<'de> Deserialize<'de> for Started {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StartedVisitor;

        impl<'de> Visitor<'de> for StartedVisitor {
            type Value = Started;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a deployment or its id")
            }

            fn visit_str<E>(self, id: &str) -> Result<Started, E> {
                Ok(Started::Id(id.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Started, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                Deployment::deserialize(map).map(|whole| Started::Whole(Box::new(whole)))
            }
        }

        deserializer.deserialize_any(StartedVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_in_any_order_of_keys() {
        let frame = Frame::parse(r#"{"data":{"content":"  a\u001b[0m"},"id":"x","type":"log"}"#);
        let Some(Frame::Log {
            deployment,
            content,
        }) = frame
        else {
            panic!("{frame:?}")
        };
        assert_eq!(deployment, "x");
        assert_eq!(content, "  a\u{1b}[0m");
    }

    #[test]
    fn both_shapes_of_new_are_read() {
        for text in [
            r#"{"type":"new","data":{"deployment":"x"}}"#,
            r#"{"type":"new","data":{"deployment":{"id":"x","pusher":{"username":"john"}}}}"#,
            r#"{"type":"new","id":"x","data":{}}"#,
        ] {
            let Some(Frame::New { deployment, .. }) = Frame::parse(text) else {
                panic!("{text}")
            };
            assert_eq!(deployment, "x");
        }
    }

    #[test]
    fn a_frame_with_wrong_data_is_kept_as_unknown() {
        for text in [
            r#"{"type":"log","id":"x","data":{"content":7}}"#,
            r#"{"type":"log","data":{"content":"no id"}}"#,
            r#"{"type":"status","id":"x","data":[]}"#,
            r#"{"type":"new","data":{"deployment":null}}"#,
            r#"{"type":"party","data":{}}"#,
            r#"{"type":7}"#,
            "[]",
        ] {
            let frame = Frame::parse(text);
            assert!(
                matches!(frame, Some(Frame::Unknown(_))),
                "{text}: {frame:?}"
            );
        }
        assert_eq!(Frame::parse("not json"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in r#"(\{"type":"[a-z]{3,6}")?[\{\}\[\]",:a-z0-9 ]{0,60}"#) {
            let _ = Frame::parse(&text);
        }

        #[test]
        fn any_content_survives(content in "\\PC*[\\x00-\\x1f]*") {
            let text = serde_json::json!({"type": "log", "id": "x", "data": {"content": content}});
            let frame = Frame::parse(&text.to_string());
            let read = match frame {
                Some(Frame::Log { content, .. }) => content,
                other => panic!("{other:?}"),
            };
            proptest::prop_assert_eq!(read, content);
        }
    }
}
