//! A stand-in of any type, as the control sees it.

use std::any::Any;

use serde_json::Value;

use crate::clock::Clock;
use crate::controlled::{Controlled, Operation};
use crate::faults::Faults;
use crate::limit::Limit;
use crate::log::Log;
use crate::server::{Server, Snapshot};

/// A moment of a stand-in of any type.
pub(super) type Moment = Box<dyn Any + Send + Sync>;

/// What the control can do to a stand-in.
pub(super) trait Remote: Send + Sync {
    fn name(&self) -> &'static str;
    fn base_url(&self) -> &str;
    fn token(&self) -> String;
    fn version(&self) -> Option<&'static str>;
    fn runs(&self) -> bool;
    fn clock(&self) -> &Clock;
    fn faults(&self) -> &Faults;
    fn log(&self) -> &Log;
    fn hints(&self) -> Value;
    fn state(&self) -> Value;
    fn seed(&self, seed: Value) -> Result<(), String>;
    fn outcomes(&self) -> Vec<Value>;
    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String>;
    fn limits(&self, each: &mut dyn FnMut(&'static str, &Limit));
    fn operations(&self) -> Vec<Operation>;
    fn reset(&self) -> Result<(), String>;
    fn snapshot(&self) -> Option<Moment>;
    fn restore(&self, moment: &Moment) -> Result<(), String>;
}

impl<S: Controlled> Remote for Server<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn token(&self) -> String {
        self.service().token()
    }

    fn version(&self) -> Option<&'static str> {
        self.service().version()
    }

    fn runs(&self) -> bool {
        self.tasks.accept()
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn faults(&self) -> &Faults {
        &self.faults
    }

    fn log(&self) -> &Log {
        &self.log
    }

    fn hints(&self) -> Value {
        self.service().hints()
    }

    fn state(&self) -> Value {
        self.service().state()
    }

    fn seed(&self, seed: Value) -> Result<(), String> {
        self.service().seed(seed)
    }

    fn outcomes(&self) -> Vec<Value> {
        self.service().outcomes()
    }

    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String> {
        self.service().set_outcomes(outcomes)
    }

    fn limits(&self, each: &mut dyn FnMut(&'static str, &Limit)) {
        for (name, limit) in self.service().limits() {
            each(name, limit);
        }
    }

    fn operations(&self) -> Vec<Operation> {
        self.service().operations()
    }

    fn reset(&self) -> Result<(), String> {
        Server::reset(self)
    }

    fn snapshot(&self) -> Option<Moment> {
        Server::snapshot(self).map(|snapshot| Box::new(snapshot) as Moment)
    }

    fn restore(&self, moment: &Moment) -> Result<(), String> {
        match moment.downcast_ref::<Snapshot<S>>() {
            Some(snapshot) => Server::restore(self, snapshot),
            None => Err(format!("this is no snapshot of {}", S::NAME)),
        }
    }
}
