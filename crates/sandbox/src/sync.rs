//! Locks that outlive a panic: a failed test must not poison the next look at the state.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock, whoever held it last and however that ended.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
