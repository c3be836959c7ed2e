//! Locks that outlive a panic: a failed test must not poison the next look at the state.

use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock, whoever held it last and however that ended.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A mutex whose clone is another one, around a copy of what this one holds now: for snapshots.
#[derive(Debug, Default)]
pub(crate) struct Held<T>(Mutex<T>);

impl<T> Held<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }
}

impl<T: Clone> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self::new(lock(self).clone())
    }
}

impl<T> Deref for Held<T> {
    type Target = Mutex<T>;

    fn deref(&self) -> &Mutex<T> {
        &self.0
    }
}
