//! For programs that are not async: every call, list, wait and stream, from outside of a runtime.
//!
//! There is no second client and no second list of methods: [`Block::block`] runs whatever can be awaited, and
//! [`BlockIter::block_iter`] turns any stream into an iterator. One runtime with one thread of its own, made when
//! it is first needed, drives them all, so that connections live on between calls.
//!
//! ```
//! use deploykit_core::blocking::{Block as _, BlockIter as _};
//! use deploykit_core::memory::Recorder;
//! use deploykit_core::{Call, Client, Endpoint, Method, Pages};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), deploykit_core::Error> {
//! const GET: Endpoint = Endpoint::new("get", Method::GET, "/things/{id}");
//! const LIST: Endpoint = Endpoint::new("list", Method::GET, "/things");
//!
//! let service = Recorder::new();
//! service.answers("GET", "/things/7", 200, json!("a thing"));
//! service.answers("GET", "/things", 200, json!(["one", "another"]));
//! let client = Client::builder("https://api.example.com").transport(service).build()?;
//!
//! let call: Call<String> = client.call(client.request(&GET).segment("id", &7));
//! assert_eq!(call.block()?, "a thing");
//!
//! let things: Pages<String> = Pages::new(&client, client.request(&LIST));
//! for thing in things.items().block_iter() {
//!     println!("{}", thing?);
//! }
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::pin::Pin;
use std::sync::OnceLock;

use futures::stream::{Stream, StreamExt as _};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::answers::error::{Error, ErrorKind, Result};

/// Runs what would be awaited.
pub trait Block<T, E: From<Error>>: IntoFuture<Output = Result<T, E>> + Sized {
    /// Waits for the outcome on this thread.
    ///
    /// # Errors
    ///
    /// As the call itself; and if this thread belongs to an async runtime, which it would hold up.
    fn block(self) -> Result<T, E> {
        run(self)?
    }
}

impl<F: IntoFuture<Output = Result<T, E>>, T, E: From<Error>> Block<T, E> for F {}

/// Goes through what would be streamed.
pub trait BlockIter<T, E: From<Error>>: Stream<Item = Result<T, E>> + Sized {
    /// An iterator that waits for each item on this thread. An error is an item, too; so is that this thread
    /// belongs to an async runtime.
    fn block_iter(self) -> Iter<Self> {
        Iter {
            stream: Some(Box::pin(self)),
        }
    }
}

impl<S: Stream<Item = Result<T, E>>, T, E: From<Error>> BlockIter<T, E> for S {}

/// Runs anything that can be awaited, on this thread.
///
/// # Errors
///
/// If this thread belongs to an async runtime.
pub fn run<F: IntoFuture>(future: F) -> Result<F::Output> {
    Ok(runtime()?.block_on(future.into_future()))
}

fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();

    if Handle::try_current().is_ok() {
        let problem =
            "is inside of an async runtime, which blocking would hold up: await the call there";
        return Err(Error::invalid_input("caller", problem));
    }
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("deploykit")
        .enable_all()
        .build()
        .map_err(|error| {
            Error::new(ErrorKind::Failed, "no runtime can be made").with_source(error)
        })?;
    // Another thread may have been faster.
    Ok(RUNTIME.get_or_init(|| made))
}

/// A stream's items, one by one; see [`BlockIter`].
#[must_use = "iterators do nothing unless they are asked"]
pub struct Iter<S> {
    stream: Option<Pin<Box<S>>>,
}

impl<S: Stream<Item = Result<T, E>>, T, E: From<Error>> Iterator for Iter<S> {
    type Item = Result<T, E>;

    fn next(&mut self) -> Option<Result<T, E>> {
        let stream = self.stream.as_mut()?;
        match run(stream.next()) {
            Ok(item) => item,
            Err(refused) => {
                self.stream = None;
                Some(Err(refused.into()))
            }
        }
    }
}

impl<S> fmt::Debug for Iter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iter")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Progress, State, Wait, WaitError};

    #[test]
    fn inside_of_a_runtime_it_refuses_in_words() {
        let async_program = Builder::new_current_thread().build().unwrap();
        async_program.block_on(async {
            let refused = async { Ok::<_, Error>(1) }.block().unwrap_err();
            assert!(refused.to_string().contains("inside of an async runtime"));
            let mut items = futures::stream::iter([Ok::<_, Error>(1)]).block_iter();
            assert!(items.next().unwrap().is_err());
            assert!(items.next().is_none());
        });
    }

    #[test]
    fn threads_share_one_runtime() {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                std::thread::spawn(move || {
                    let later = async move {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        Ok::<_, Error>(n)
                    };
                    later.block().unwrap()
                })
            })
            .collect();
        let sum: i32 = threads.into_iter().map(|it| it.join().unwrap()).sum();
        assert_eq!(sum, 28);
    }

    #[test]
    fn waits_block_with_their_own_error() {
        fn never() -> Wait<u8> {
            Wait::new(
                "the end",
                || Box::pin(async { Ok(crate::Response::new(1)) }),
                |_| (State::Running, String::new()),
            )
            .deadline(Duration::from_millis(20))
        }
        let error: WaitError<u8> = never().block().unwrap_err();
        assert_eq!(
            (error.last, error.cause.kind()),
            (Some(1), ErrorKind::Deadline)
        );
        let seen: Vec<Result<Progress<u8>, WaitError<u8>>> = never().block_iter().collect();
        assert!(seen.last().unwrap().is_err());
    }
}
