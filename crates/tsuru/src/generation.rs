//! Which server answered.

use deploykit_core::{Error, Response};

/// Generation of a server, from the client version that it asks for (`Supported-Tsuru`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// Up to 0.2 (2013): restart is GET, variables come as an object, user quotas exist.
    Early,
    /// 0.3 and 0.4 (2014): restart is GET, errors of users are all 500.
    GetRestarts,
    /// 0.5 to 0.13 (2014 on): restart is POST, errors of users have statuses of their own.
    PostRestarts,
    /// 1.0 and later: forms, streams of JSON lines, other paths for much of this API.
    Modern,
}

impl Generation {
    /// The generation of the server that gave this answer: of [`Call::send`](deploykit_core::Call::send).
    /// Servers name it on every route that they handle, and not on a 404.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::Generation;
    ///
    /// let answer = tsuru.apps().list().send().await?;
    /// if Generation::of(&answer) >= Some(Generation::PostRestarts) {
    ///     println!("restarts by POST");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn of<T>(answer: &Response<T>) -> Option<Self> {
        Self::supporting(answer.headers.get("supported-tsuru")?.to_str().ok()?)
    }

    /// The generation of the server that gave this error, if its answer told.
    pub fn of_error(error: &Error) -> Option<Self> {
        Self::supporting(error.header("supported-tsuru")?)
    }

    /// The generation that supports clients of this version.
    pub(crate) fn supporting(client: &str) -> Option<Self> {
        let mut numbers = client.trim().split('.');
        let mut next = || numbers.next()?.parse::<u32>().ok();
        Some(match (next()?, next()?) {
            (0, ..=8) => Self::Early,
            (0, 9) => Self::GetRestarts,
            (0, _) => Self::PostRestarts,
            _ => Self::Modern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_generations() {
        for (version, generation) in [
            ("0.8.2", Some(Generation::Early)),
            ("0.9.0", Some(Generation::GetRestarts)),
            ("0.10.0", Some(Generation::PostRestarts)),
            ("0.18.0", Some(Generation::PostRestarts)),
            ("1.0.1", Some(Generation::Modern)),
            ("", None),
            ("new", None),
        ] {
            assert_eq!(Generation::supporting(version), generation, "{version}");
        }
    }
}
