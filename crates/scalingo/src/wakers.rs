//! One waker for all who wait for the same: whoever of them is polled drives it on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use rustc_hash::FxHashMap;

/// The wakers of those who wait, by their number. None is woken twice for one registration.
#[derive(Debug, Default)]
pub(crate) struct Wakers(Mutex<FxHashMap<u64, Waker>>);

impl Wakers {
    pub(crate) fn register(&self, number: u64, waker: &Waker) {
        let mut wakers = lock(&self.0);
        match wakers.get_mut(&number) {
            Some(known) => known.clone_from(waker),
            None => drop(wakers.insert(number, waker.clone())),
        }
    }

    pub(crate) fn remove(&self, number: u64) {
        lock(&self.0).remove(&number);
    }

    pub(crate) fn wake_one(&self, number: u64) {
        let waker = lock(&self.0).remove(&number);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Woken outside of the lock: a waker may do whatever it likes.
        let wakers = std::mem::take(&mut *lock(&self.0));
        for waker in wakers.into_values() {
            waker.wake();
        }
    }
}

/// The locks of a hub guard plain data that is whole at every step, and are held across no await.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
