//! Limits that many programs share, kept in Redis or Valkey.
//!
//! A service's limit belongs to an account, not to a program: ten CI runners with one token share its 60 calls a
//! minute. Clients that are given [`RedisLimits`] count together, whatever machine they run on, and wait for their
//! turn instead of being refused:
//!
//! ```
//! use std::time::Duration;
//!
//! use deploykit_core::memory::Recorder;
//! use deploykit_core::{Call, Client, Endpoint, Method, Quota, Text, Token};
//! use deploykit_redis::RedisLimits;
//!
//! # #[tokio::main]
//! # async fn main() -> deploykit_core::Result<()> {
//! const QUOTA: Quota = Quota::new("things", 40, Duration::from_secs(1));
//! const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/thing").quota(&QUOTA);
//!
//! let limits = RedisLimits::builder("redis://127.0.0.1/").key("a secret of all runners").build()?;
//! # let service = Recorder::new();
//! # service.answers("GET", "/thing", 200, serde_json::json!("it"));
//! // The builder of each service has the same method.
//! let client = Client::builder("https://api.example.com")
//!     .limits_of(&"my-token".into())
//!     .credential(Token::bearer("my-token")?)
//!     .limits_in(limits)
//! #   .transport(service)
//!     .build()?;
//!
//! // Without a Redis there, it goes on alone, and says so in a warning.
//! let thing: Call<Text> = client.call(client.request(&GET));
//! thing.await?;
//! # Ok(())
//! # }
//! ```
//!
//! # How it decides
//!
//! One script makes one decision, so that two programs never get the same permit. It goes by the clock of Redis, and
//! counts as the services do: so many calls in any window, each from when it was answered. A client asks for all
//! calls that wait at once, and tells with the same question which were answered. Who waits gets a turn: each program
//! a part of what is free, one after the other, so that none that has many calls holds up one that has few. In a
//! program, calls pass in their order, those in the background last. A pause that the server asks for with a 429
//! holds all programs with their next question, and one call a minute, of all programs, goes through a long one.
//!
//! Everything ends by itself: a program that is killed with permits in hand blocks nobody for longer than these would
//! have counted, 1.35 s and a window; who no longer asks loses its turn after 250 ms; all keys go a minute and a
//! window after the last call. A program that ends within 25 ms of its last calls has not told of them: they count as
//! those of one that is killed.
//!
//! # When Redis is away
//!
//! A question has 500 ms ([`timeout`](RedisBuilder::timeout)). After one that fails, the
//! [`Fallback`] holds: each program keeps to its share (the limit divided by how many asked in the last minute), to
//! the whole limit, or refuses. A warning says so, once in each outage and for each limit, and Redis is asked again
//! every second. Once it answers, and has forgotten calls or missed some, all keep to their share for one more window
//! and 2.5 s: then all programs have told what they did meanwhile. No call is lost, and none waits for Redis longer
//! than the time-out.
//!
//! At the moment when Redis goes away, calls that others just made are not known here, so some can be refused. They
//! are sent again, as after any 429.
//!
//! # One token for all
//!
//! Scalingo's API token is exchanged for a bearer token that lasts an hour. Programs that are given
//! [`RedisTokens`] make one exchange together, not one each:
//!
//! ```
//! use deploykit_redis::{RedisLimits, TokenKey};
//!
//! # fn main() -> deploykit_core::Result<()> {
//! let limits = RedisLimits::builder("redis://127.0.0.1/").build()?;
//! // 32 random bytes that only these programs have: `head -c 32 /dev/urandom | base64`
//! let key = TokenKey::new("q3Zv0Yw0b8f6mC1m7o0uXo5mQm8i2n9rT4sV6yB1dEg=")?;
//! let client = deploykit_scalingo::Client::builder()
//!     .token("tk-us-…")
//!     .limits_in(limits.clone())
//!     .token_in(limits.tokens(&key))
//!     .build()?;
//! # let _ = client;
//! # Ok(())
//! # }
//! ```
//!
//! The token lies in Redis encrypted (XChaCha20-Poly1305, bound to its name) until five minutes before its end. The
//! program that exchanges it has ten seconds for it before another one tries; the rest look every 50 ms. One that is
//! refused goes away for all. Without Redis, or with another key, each program makes its own exchange.
//!
//! # What Redis sees
//!
//! Names of keys have a keyed hash (HMAC-SHA-256) of the token and the address, the name of the limit and its size;
//! values have times and random numbers of programs. Set a [`key`](RedisBuilder::key) if others can read them.
//!
//! # What works
//!
//! Redis from 5 and Valkey, one server or one address that leads to it (Sentinel behind a proxy, managed services);
//! a replica that was promoted behind that address is found, as each failed question connects anew. All keys of a
//! token have one hash tag, so a cluster's proxy keeps them together; the client itself follows no redirections of
//! a cluster. The user needs `EVALSHA`, `EVAL`, `SCRIPT LOAD` and the commands of the script, on keys that begin
//! with `{` and the [namespace](RedisBuilder::namespace).

#![cfg_attr(docsrs, feature(doc_cfg))]

mod limits;
mod line;
mod tokens;

pub use deploykit_core::Fallback;
pub use limits::{RedisBuilder, RedisLimits};
pub use tokens::{RedisTokens, TokenKey};
