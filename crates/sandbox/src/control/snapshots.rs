//! Moments that were kept.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::asked::Problem;
use super::remote::Moment;

/// How many can be kept.
const MOST: usize = 50;

/// All snapshots, oldest first.
#[derive(Default)]
pub(super) struct Snapshots {
    all: Vec<Kept>,
    count: u64,
}

struct Kept {
    id: String,
    at: Timestamp,
    moments: Vec<(&'static str, Moment)>,
}

impl Kept {
    fn view(&self) -> Value {
        let services: Vec<_> = self.moments.iter().map(|(name, _)| name).collect();
        json!({"id": self.id, "at": self.at.to_string(), "services": services})
    }
}

impl Snapshots {
    pub(super) fn views(&self) -> Vec<Value> {
        self.all.iter().map(Kept::view).collect()
    }

    pub(super) fn add(&mut self, moments: Vec<(&'static str, Moment)>) -> Result<Value, Problem> {
        if self.all.len() == MOST {
            return Err(Problem::bad(format!(
                "{MOST} snapshots are kept already: delete one first"
            )));
        }
        self.count += 1;
        let kept = Kept {
            id: self.count.to_string(),
            at: Timestamp::now(),
            moments,
        };
        let view = kept.view();
        self.all.push(kept);
        Ok(view)
    }

    pub(super) fn find(&self, id: &str) -> Result<&[(&'static str, Moment)], Problem> {
        let found = self.all.iter().find(|one| one.id == id);
        found
            .map(|one| one.moments.as_slice())
            .ok_or_else(|| missing(id))
    }

    pub(super) fn remove(&mut self, id: &str) -> Result<(), Problem> {
        let at = self.all.iter().position(|one| one.id == id);
        self.all.remove(at.ok_or_else(|| missing(id))?);
        Ok(())
    }
}

fn missing(id: &str) -> Problem {
    Problem::missing(format!("there is no snapshot {id}"))
}
