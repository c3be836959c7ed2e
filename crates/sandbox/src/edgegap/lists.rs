//! Lists of deployments, and how pages of all lists are told.

use serde_json::{Value, json};

use super::errors::{self, Refusal};
use super::{Edgegap, filters};
use crate::page::Page;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const PER_PAGE: usize = 50;
const MOST_PER_PAGE: usize = 100;

impl Edgegap {
    /// `GET /v1/deployments`
    pub(super) fn list(&self, request: &Request) -> Reply {
        let now = self.now();
        let mut deployments = lock(&self.deployments).all.clone();
        deployments.retain(|deployment| !deployment.has_ended(now));
        if let Some(query) = request.query("query") {
            deployments = match filters::select(query, deployments, now) {
                Ok(selected) => selected,
                Err(problem) => return errors::bad_request(&problem),
            };
        }
        let page = match page(request, deployments.len()) {
            Ok(page) => page,
            Err(refusal) => return *refusal,
        };
        let listed = page.of(&deployments).iter().map(|one| {
            let mut view = one.listed(now, self.clock());
            if let (true, Some(fields)) = (self.knobs.without_nulls, view.as_object_mut()) {
                fields.retain(|_, value| !value.is_null());
            }
            view
        });
        let body = json!({
            "data": listed.collect::<Vec<_>>(),
            "total_count": page.total,
            "pagination": pagination(&page),
            "message": [],
        });
        Reply::json(200, body)
    }
}

/// The page that `page` and `limit` ask for.
pub(super) fn page(request: &Request, total: usize) -> Result<Page, Refusal> {
    let number = |name: &str, default| match request.query(name).map(str::parse::<usize>) {
        None => Ok(default),
        Some(Ok(number)) if number > 0 => Ok(number),
        Some(_) => {
            let problem = format!("'{name}' must be a number from 1");
            Err(Box::new(errors::bad_request(&problem)))
        }
    };
    Ok(Page {
        number: number("page", 1)?,
        per_page: number("limit", PER_PAGE)?.min(MOST_PER_PAGE),
        total,
    })
}

/// The value of `pagination`.
pub(super) fn pagination(page: &Page) -> Value {
    json!({
        "number": page.number,
        "next_page_number": page.next(),
        "previous_page_number": page.previous(),
        "paginator": {"num_pages": page.last()},
        "has_next": page.next().is_some(),
        "has_previous": page.previous().is_some(),
    })
}
