//! Where documented limits are kept together with other programs: what a store of them is asked and answers.

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::models::secret::Secret;
use crate::sending::quota::Quota;

/// Keeps documented limits for several programs at once: in a database, a coordinator, or Redis
/// (`deploykit-redis`).
///
/// A store only decides: how many calls may go now, and when to ask again. All the rest is done on this side, as
/// for a limit that one program keeps alone: who is next here, calls that are dropped or not polled, deadlines,
/// and what happens while the store does not answer ([`Fallback`]). A client asks once for all calls that wait,
/// one question at a time for each limit.
///
/// # What a store promises
///
/// - [`decide`](Self::decide) is one step: two programs that ask at once do not both get the last permit.
/// - A permit that it gave counts from the moment that [`counted`](Ask::counted) tells, and until it does, as if
///   it were counted [`Ask::COUNTED_WITHIN`] after it was given; a [`quota.window`](Quota::window) later it
///   counts no more. So a program that ends with permits in hand blocks nobody.
/// - Those who ask for more than there is get their turn one after the other. Who does not ask again after
///   [`again`](Granted::again), or after a second if that is shorter, loses its turn.
/// - All times are told as "so long ago" and "in so long": clocks need not agree.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// use deploykit_core::{Ask, Client, Granted, Limit, LimitStore, StoreError};
/// use futures::future::BoxFuture;
///
/// /// So many calls in all, then none: a budget for a trial.
/// #[derive(Debug)]
/// struct Budget(Mutex<u32>);
///
/// impl LimitStore for Budget {
///     fn name(&self, limit: &Limit<'_>) -> String {
///         limit.quota.name.to_owned()
///     }
///
///     fn decide<'a>(&'a self, _name: &'a str, ask: Ask) -> BoxFuture<'a, Result<Granted, StoreError>> {
///         Box::pin(async move {
///             let mut left = self.0.lock().map_err(|_| "a panic")?;
///             let permits = ask.wanted.min(*left);
///             *left -= permits;
///             Ok(Granted { permits, again: Duration::from_secs(1), ..Granted::default() })
///         })
///     }
/// }
///
/// # fn main() -> deploykit_core::Result<()> {
/// let store = Arc::new(Budget(Mutex::new(100)));
/// let client = Client::builder("http://127.0.0.1:7001")
///     .limits_of(&"my-token".into())
///     .limits_in(store)
///     .build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
pub trait LimitStore: fmt::Debug + Send + Sync {
    /// The name under which this store keeps a limit: the same in every program that is to share it, and one from
    /// which nobody can tell the [account](Limit::account)'s secret. Asked once for each limit of a client.
    fn name(&self, limit: &Limit<'_>) -> String;

    /// Notes what it is told and gives permits, in one step. An answer that takes longer than a second is not
    /// waited for; the [fallback](Self::fallback) then holds until the store answers again.
    ///
    /// # Errors
    ///
    /// If nothing could be decided. The error is logged: it must not have secrets.
    fn decide<'a>(&'a self, name: &'a str, ask: Ask) -> BoxFuture<'a, Result<Granted, StoreError>>;

    /// What holds while the store does not answer.
    fn fallback(&self) -> Fallback {
        Fallback::default()
    }
}

/// Why a store could not decide.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// What holds while a [store](LimitStore) of limits does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fallback {
    /// Each program keeps to its share: the limit divided by how many shared it when that was last known. One that
    /// has never reached the store takes itself for the only one.
    #[default]
    LocalShare,
    /// Each program keeps the whole limit, for itself.
    Local,
    /// Calls fail with [`ErrorKind::Quota`](crate::ErrorKind::Quota), unsent.
    Refuse,
}

/// A limit, and whom it counts for.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limit<'a> {
    /// The service: scheme, host and port.
    pub origin: &'a str,
    /// The account's secret, mostly the token. It must not leave the program as it is.
    pub account: &'a Secret,
    /// How many calls in how long.
    pub quota: Quota,
}

impl<'a> Limit<'a> {
    /// A limit of the account that this secret belongs to.
    pub const fn new(origin: &'a str, account: &'a Secret, quota: Quota) -> Self {
        Self {
            origin,
            account,
            quota,
        }
    }
}

/// What a program tells a [store](LimitStore), and what it wants of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ask {
    /// The limit. Of one with [`u32::MAX`] calls nothing is counted: all that is wanted is given, unless it is
    /// paused.
    pub quota: Quota,
    /// For how many calls permits are wanted; with zero, there is only something to tell.
    pub wanted: u32,
    /// Number of the first permit, should there be any; the others follow. No number of this program comes twice.
    pub first: u64,
    /// Calls that the server has counted since the last question: the number, and how long ago. Some the store has
    /// no permit for: they were made while it did not answer.
    pub counted: Vec<(u64, Duration)>,
    /// Permits that were not used, and are given back.
    pub unused: Vec<u64>,
    /// For so long nobody is to get a permit: the server said so.
    pub pause: Option<Duration>,
    /// A pause that was told before holds no more: the server took a call.
    pub resumed: bool,
    /// A call would go through the pause, to see whether it still holds. While the limit is paused, one such call a
    /// minute, of all programs, gets a permit, and no other.
    pub probes: bool,
    /// The store did not answer before. If it did not answer others either, or knows nothing any more, it
    /// [settles](Granted::settles).
    pub back: bool,
}

impl Ask {
    /// A permit of which nothing is told counts as counted by the server so long after it was given.
    pub const COUNTED_WITHIN: Duration = Duration::from_millis(1350);

    /// A question for permits, with nothing to tell; for tests of a store.
    pub const fn new(quota: Quota, wanted: u32, first: u64) -> Self {
        Self {
            quota,
            wanted,
            first,
            counted: Vec::new(),
            unused: Vec::new(),
            pause: None,
            resumed: false,
            probes: false,
            back: false,
        }
    }
}

/// What a [store](LimitStore) decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Granted {
    /// How many calls may go now; not more than were wanted.
    pub permits: u32,
    /// In how long to ask for the rest. It is asked for after a second at the latest.
    pub again: Duration,
    /// How long the limit is still paused.
    pub pause: Option<Duration>,
    /// How long ago a call of any program last got a permit to go through a pause.
    pub probed: Option<Duration>,
    /// How many programs share the limit, this one too; zero if that is not known.
    pub programs: u32,
    /// Not zero after an outage: for so long each program still keeps to its share, until all have told what they
    /// did meanwhile.
    pub settles: Duration,
}
