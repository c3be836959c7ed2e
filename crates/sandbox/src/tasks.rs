//! The tasks of one server: connections, WebSockets and whatever a service starts. They end with
//! the server.

use std::future::Future;
use std::sync::Mutex;

use tokio::task::JoinSet;

use crate::sync::lock;

/// A set of tasks that can be ended together, after which nothing new starts.
#[derive(Debug)]
pub(crate) struct Tasks {
    running: Mutex<Option<JoinSet<()>>>,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self {
            running: Mutex::new(Some(JoinSet::new())),
        }
    }

    /// Starts a task, unless the server has ended.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = lock(&self.running).as_mut() {
            // A long-lived server must not remember every connection it ever had.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    /// Whether tasks can still be started.
    #[cfg(feature = "control")]
    pub(crate) fn accept(&self) -> bool {
        lock(&self.running).is_some()
    }

    /// Ends all tasks without waiting for them.
    pub(crate) fn abort(&self) {
        drop(lock(&self.running).take());
    }

    /// Ends all tasks and waits until they are gone.
    pub(crate) async fn shutdown(&self) {
        let tasks = lock(&self.running).take();
        if let Some(mut tasks) = tasks {
            tasks.shutdown().await;
        }
    }
}
