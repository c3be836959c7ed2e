//! A stand-in whose live stream does what a test says, connection by connection.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use deploykit::scalingo::Client;
use deploykit_sandbox::{Builder, Context, Reply, Request, Running, Service, Socket};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::support::{self, APP};

/// The deployment that all scripts are about.
pub const ID: &str = "deployment-1";
const BEARER: &str = "the-bearer-token";

/// What happens on one connection. After the last step it breaks.
#[derive(Debug, Clone)]
pub enum Step {
    /// The deployment writes a line: it is kept, and sent.
    Line(&'static str),
    /// The deployment writes a line that is not sent.
    Unsent(&'static str),
    /// A line is sent that is kept already, or is not kept at all.
    Sent(&'static str),
    /// The deployment comes to a status, and the stream tells it.
    Status(&'static str),
    /// The deployment comes to a status in silence.
    Unheard(&'static str),
    /// Any frame.
    Frame(Value),
    /// Any text.
    Text(&'static str),
    /// The stream says nothing more, but stays open.
    Silence,
    /// The stream is closed in form.
    Close,
    /// The stream is closed with this code.
    CloseWith(u16),
    /// A frame of this size.
    Large(usize),
    /// This text again and again, as fast as it is taken.
    Flood(String),
}

/// How the kept log is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Output {
    #[default]
    Whole,
    /// Lines without an end follow.
    Endless,
    /// Nothing follows, not even the end.
    Stalling,
}

#[derive(Clone, Default)]
pub struct Knobs {
    connections: VecDeque<Vec<Step>>,
    link: Option<Option<String>>,
    handshake: Option<u16>,
    status: Option<&'static str>,
    output: String,
    sends: Output,
}

pub struct Scripted {
    context: Context,
    link: Option<Option<String>>,
    handshake: Option<u16>,
    sends: Output,
    state: Mutex<State>,
}

struct State {
    connections: VecDeque<Vec<Step>>,
    status: &'static str,
    output: String,
    tokens: Vec<String>,
    exchanges: usize,
}

impl Service for Scripted {
    type Knobs = Knobs;
    const NAME: &'static str = "scripted";
    const PORT: u16 = 0;

    fn new(knobs: Knobs, context: Context) -> Self {
        Self {
            context,
            link: knobs.link,
            handshake: knobs.handshake,
            sends: knobs.sends,
            state: Mutex::new(State {
                connections: knobs.connections,
                status: knobs.status.unwrap_or("building"),
                output: knobs.output,
                tokens: Vec::new(),
                exchanges: 0,
            }),
        }
    }

    fn token(&self) -> String {
        "tk-us-scripted".to_owned()
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let path = request.path().trim_start_matches("/v1").to_owned();
        match path.strip_prefix("/apps/example-app").unwrap_or(&path) {
            "/tokens/exchange" => {
                let mut state = self.state.lock().unwrap();
                state.exchanges += 1;
                let token = format!("{BEARER}-{}", state.exchanges);
                Reply::json(200, json!({"token": token}))
            }
            "" if request.wants_websocket() => match self.handshake {
                Some(status) => Reply::empty(status),
                None => Reply::websocket(move |socket| self.play(socket)),
            },
            "" => {
                let own = || Some(self.context.base_url().replace("http", "ws") + "/apps/" + APP);
                let link = self.link.clone().unwrap_or_else(own);
                Reply::json(
                    200,
                    json!({"app": {"name": APP, "links": {"deployments_stream": link}}}),
                )
            }
            "/deployments/deployment-1" => {
                let status = self.state.lock().unwrap().status;
                Reply::json(200, json!({"deployment": {"id": ID, "status": status}}))
            }
            "/deployments/deployment-1/output" => {
                let output = self.state.lock().unwrap().output.clone();
                match output.is_empty() {
                    true => Reply::json(404, json!({"error": "not found"})),
                    false => self.output(output),
                }
            }
            other => panic!("nobody should ask for {other:?}"),
        }
    }
}

impl Scripted {
    fn output(&self, written: String) -> Reply {
        let first = stream::iter([Ok(written.clone().into())]);
        match self.sends {
            Output::Whole => Reply::text(200, written),
            Output::Endless => {
                let more = stream::repeat_with(|| Ok("more\n".repeat(10_000).into()));
                Reply::stream(200, "text/plain", first.chain(more))
            }
            Output::Stalling => Reply::stream(200, "text/plain", first.chain(stream::pending())),
        }
    }

    async fn play(self: Arc<Self>, mut socket: Socket) {
        let Some(auth) = socket.receive().await else {
            return;
        };
        let auth: Value = serde_json::from_str(&auth).unwrap();
        assert_eq!(auth["type"], "auth");
        let steps = {
            let mut state = self.state.lock().unwrap();
            state
                .tokens
                .push(auth["data"]["token"].as_str().unwrap().to_owned());
            state.connections.pop_front()
        };
        for step in steps.unwrap_or_else(|| vec![Step::Silence]) {
            let frame = match self.happens(step) {
                Does::Say(frame) => frame,
                Does::Nothing => continue,
                // Until the client leaves.
                Does::Wait => return drop(socket.receive().await),
                Does::Close => return socket.close().await,
                Does::CloseWith(code) => return socket.close_with(code).await,
                Does::Flood(text) => {
                    while socket.feed_text(text.as_str()).await.is_ok() {}
                    return;
                }
            };
            if socket.send_text(frame).await.is_err() {
                return;
            }
        }
    }

    fn happens(&self, step: Step) -> Does {
        let log = |line| json!({"type": "log", "id": ID, "data": {"content": line}}).to_string();
        let mut state = self.state.lock().unwrap();
        match step {
            Step::Line(line) | Step::Unsent(line) => {
                state.output += line;
                state.output += "\n";
                match step {
                    Step::Line(_) => Does::Say(log(line)),
                    _ => Does::Nothing,
                }
            }
            Step::Sent(line) => Does::Say(log(line)),
            Step::Status(status) => {
                state.status = status;
                let frame = json!({"type": "status", "id": ID, "data": {"status": status}});
                Does::Say(frame.to_string())
            }
            Step::Unheard(status) => {
                state.status = status;
                Does::Nothing
            }
            Step::Frame(frame) => Does::Say(frame.to_string()),
            Step::Text(text) => Does::Say(text.to_owned()),
            Step::Silence => Does::Wait,
            Step::Close => Does::Close,
            Step::CloseWith(code) => Does::CloseWith(code),
            Step::Large(size) => Does::Say("x".repeat(size)),
            Step::Flood(text) => Does::Flood(text),
        }
    }
}

enum Does {
    Say(String),
    Nothing,
    Wait,
    Close,
    CloseWith(u16),
    Flood(String),
}

/// A stand-in whose first connections go like this; later ones are silent.
pub fn scripted<const N: usize>(connections: [Vec<Step>; N]) -> Builder<Scripted> {
    Builder::<Scripted>::new().knobs(|knobs| knobs.connections = connections.into())
}

/// What a test sets beside the connections.
pub trait Script {
    /// The address of the stream, as the app tells it.
    fn link(self, link: Option<&str>) -> Self;
    /// The stream's address answers with this status.
    fn handshake(self, status: u16) -> Self;
    /// What the deployment wrote before anybody listened.
    fn written(self, lines: &[&str]) -> Self;
    /// The status before anybody listened.
    fn status(self, status: &'static str) -> Self;
    /// The kept log goes on for ever.
    fn endless_output(self) -> Self;
    /// The kept log stops arriving before its end.
    fn stalling_output(self) -> Self;
}

impl Script for Builder<Scripted> {
    fn link(self, link: Option<&str>) -> Self {
        let link = link.map(str::to_owned);
        self.knobs(|knobs| knobs.link = Some(link))
    }

    fn handshake(self, status: u16) -> Self {
        self.knobs(|knobs| knobs.handshake = Some(status))
    }

    fn written(self, lines: &[&str]) -> Self {
        let output = lines.iter().map(|line| format!("{line}\n")).collect();
        self.knobs(|knobs| knobs.output = output)
    }

    fn status(self, status: &'static str) -> Self {
        self.knobs(|knobs| knobs.status = Some(status))
    }

    fn endless_output(self) -> Self {
        self.knobs(|knobs| knobs.sends = Output::Endless)
    }

    fn stalling_output(self) -> Self {
        self.knobs(|knobs| knobs.sends = Output::Stalling)
    }
}

/// What a test sees afterwards.
pub trait Seen {
    /// The tokens that came over the stream, one for each connection.
    fn tokens(&self) -> Vec<String>;
    /// How often an API token was exchanged.
    fn exchanges(&self) -> usize;
}

impl Seen for Running<Scripted> {
    fn tokens(&self) -> Vec<String> {
        self.service().state.lock().unwrap().tokens.clone()
    }

    fn exchanges(&self) -> usize {
        self.service().state.lock().unwrap().exchanges
    }
}

/// Follows the script to its end.
pub async fn followed(sandbox: &Running<Scripted>) -> support::Told {
    let client: Client = support::client(sandbox);
    support::Told::by(support::follow(&client, &ID.into())).await
}
