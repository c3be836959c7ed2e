//! What the end of a connection to the live stream means: a refused token, or a broken server.

use deploykit_core::{Error, ErrorKind, Outcome, TransportError};
use serde_json::Value;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::error::CapacityError;

/// How a connection ended, or failed to be made.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) error: Error,
    pub(crate) token: Token,
}

/// What an ending says of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// It was refused in so many words.
    Refused,
    /// Nothing was said. At the very beginning of a connection that may mean a refused token, too: the service
    /// documents no other sign.
    Unknown,
    /// It has nothing to do with it.
    Fine,
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        Self {
            error,
            token: Token::Fine,
        }
    }
}

/// Something that passes.
pub(crate) fn broken(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Interrupted, message)
}

fn refused(how: &str) -> Ending {
    Ending {
        error: Error::new(
            ErrorKind::Credential,
            format!("the live stream refused the token: {how}"),
        ),
        token: Token::Refused,
    }
}

/// The server's end of the stream, with its code, if it gave one. Its words are left out: they may quote what
/// was sent.
pub(crate) fn closed(code: Option<u16>) -> Ending {
    let Some(code) = code else {
        return Ending {
            error: broken("the live stream was closed without a reason"),
            token: Token::Unknown,
        };
    };
    let why = match code {
        1000 => "as if all had been said",
        1001 => "the server is going away",
        1011 => "the server failed",
        1012 => "the server restarts",
        1013 => "the server asks to try again later",
        1008 | 4001 | 4003 => return refused(&format!("it was closed with {code}")),
        _ => "for a reason of its own",
    };
    Ending {
        error: broken(format!("the live stream was closed with {code}: {why}")),
        token: match code {
            1000 => Token::Unknown,
            _ => Token::Fine,
        },
    }
}

/// The connection was there no more, without a word.
pub(crate) fn vanished() -> Ending {
    Ending {
        error: broken("the live stream ended without a word"),
        token: Token::Unknown,
    }
}

/// The request for the stream came to no answer.
pub(crate) fn unreached(error: TransportError) -> Ending {
    match error.outcome {
        Outcome::NotConnected => Error::new(ErrorKind::Connect, "no connection to the live stream")
            .with_source(error)
            .into(),
        _ => lost(error),
    }
}

/// The request for the stream was answered with this status instead.
pub(crate) fn answered(code: u16) -> Ending {
    let (kind, message) = match code {
        401 | 403 => return refused(&format!("the handshake was answered with {code}")),
        408 | 429 | 500.. => (
            ErrorKind::Interrupted,
            format!("the live stream's handshake was answered with {code}"),
        ),
        code => (
            ErrorKind::Failed,
            format!("there is no live stream at its address ({code})"),
        ),
    };
    Error::new(kind, message).into()
}

/// However the connection was lost: nothing was said.
fn lost(why: impl std::error::Error + Send + Sync + 'static) -> Ending {
    let ending = vanished();
    Ending {
        error: ending.error.with_source(why),
        ..ending
    }
}

/// What went wrong on the socket.
pub(crate) fn failed(error: tungstenite::Error) -> Ending {
    use tungstenite::Error as Socket;
    use tungstenite::error::ProtocolError;

    let message = match &error {
        Socket::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
            format!("the live stream sent a message longer than {max_size} bytes")
        }
        Socket::Io(_)
        | Socket::ConnectionClosed
        | Socket::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return lost(error),
        _ => "the live stream broke".into(),
    };
    broken(message).with_source(error).into()
}

/// Whether this, as the first that a server says, refuses the token. The frame is not documented; a service that
/// says so would call it an error, or name the frame that it answers.
pub(crate) fn refusal(frame: &Value) -> Option<Ending> {
    let kind = frame
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let about_auth = kind.starts_with("auth") || kind == "unauthorized" || kind == "forbidden";
    let error = kind.contains("error") || kind.contains("fail");
    let has_error = |value: &Value| value.get("error").is_some_and(|error| !error.is_null());
    let error = error || has_error(frame) || frame.get("data").is_some_and(has_error);
    let names = |word: &str| frame.to_string().to_ascii_lowercase().contains(word);
    let is_one = match (about_auth, error) {
        (true, error) => error || !kind.starts_with("auth"),
        (false, true) => ["auth", "token", "forbidden", "credential"]
            .iter()
            .any(|word| names(word)),
        (false, false) => false,
    };
    is_one.then(|| refused("it said so"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_means_refusal_is_one() {
        for code in [1008, 4001, 4003] {
            assert_eq!(closed(Some(code)).token, Token::Refused, "{code}");
            assert_eq!(closed(Some(code)).error.kind(), ErrorKind::Credential);
        }
        for code in [
            1001, 1002, 1003, 1006, 1007, 1009, 1011, 1012, 1013, 4000, 4999,
        ] {
            let ending = closed(Some(code));
            assert_eq!(ending.token, Token::Fine, "{code}");
            assert!(ending.error.is_passing(), "{code}");
            assert!(ending.error.to_string().contains(&code.to_string()));
        }
        for ending in [closed(None), closed(Some(1000)), vanished()] {
            assert_eq!(ending.token, Token::Unknown);
            assert!(ending.error.is_passing());
        }
    }

    #[test]
    fn a_frame_that_refuses_is_told_from_others() {
        for frame in [
            json!({"type": "auth-error"}),
            json!({"type": "auth", "data": {"error": "invalid"}}),
            json!({"type": "error", "data": {"message": "Invalid token"}}),
            json!({"error": "Unauthorized"}),
            json!({"type": "unauthorized"}),
        ] {
            assert!(refusal(&frame).is_some(), "{frame}");
        }
        for frame in [
            json!({"type": "auth", "data": {"status": "ok"}}),
            json!({"type": "error", "data": {"message": "overloaded"}}),
            json!({"type": "metrics", "data": {"error": null}}),
            json!([]),
            json!("token"),
        ] {
            assert!(refusal(&frame).is_none(), "{frame}");
        }
    }
}
