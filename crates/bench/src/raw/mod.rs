//! The other side: what a careful program writes by hand with reqwest, serde_json and tokio-tungstenite.

#![expect(
    dead_code,
    reason = "fields are decoded as a program would, and then dropped"
)]

mod deployments;
mod frames;
mod servers;

use reqwest::header::{ACCEPT, CONTENT_TYPE};

use crate::{Result, TOKEN};

pub(crate) use frames::Frame;

/// One reqwest client and an address.
#[derive(Clone)]
pub(crate) struct Raw {
    http: reqwest::Client,
    base: String,
}

impl Raw {
    pub(crate) fn new(base: &str) -> Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder().build()?,
            base: base.to_owned(),
        })
    }

    /// A page of deployments; returns how many there were.
    pub(crate) async fn deployments(&self, app: &str) -> Result<usize> {
        let list: deployments::List = self
            .http
            .get(format!("{}/v1/apps/{app}/deployments", self.base))
            .bearer_auth(TOKEN)
            .header(ACCEPT, "application/json")
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        Ok(list.deployments.len())
    }

    /// A page of servers; returns how many there were.
    pub(crate) async fn servers(&self, environment: u64) -> Result<usize> {
        let list: Vec<servers::Server> = self
            .http
            .get(format!("{}/environments/{environment}/servers", self.base))
            .bearer_auth(TOKEN)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        Ok(list.len())
    }

    /// A call of which only so many are allowed; whether it was.
    pub(crate) async fn limited(&self) -> Result<bool> {
        let answer = self
            .http
            .get(format!("{}/limited", self.base))
            .send()
            .await?;
        Ok(answer.status().is_success())
    }

    /// How many limited calls the server refused since this was last asked.
    pub(crate) async fn refusals(&self) -> Result<u64> {
        let url = format!("{}/limited/refusals", self.base);
        Ok(self.http.get(url).send().await?.json().await?)
    }
}
