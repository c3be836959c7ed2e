//! The calls of fixtures.

use deploykit::core::{self, Call, Error, Pages, RawResponse, Request};
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Fixture;

pub type Replayed = BoxFuture<'static, Result<Value, Error>>;

/// Awaits a call and serializes its value.
pub fn value<T: Serialize + 'static>(call: Call<T>) -> Replayed {
    Box::pin(async { Ok(serde_json::to_value(call.await?).expect("serializable")) })
}

/// Awaits the page of a list that the fixture asks for.
pub fn page<T: Serialize + Send + 'static>(fixture: &Fixture, pages: Pages<T>) -> Replayed {
    let pages = pages.map_request(|request| paged(fixture, request));
    Box::pin(async { Ok(serde_json::to_value(pages.await?.items).expect("serializable")) })
}

/// Only the page is taken from a fixture as it is: the rest of a query must come from the method.
fn is_paging(fixture: &Fixture, name: &str) -> bool {
    let endpoint = fixture.endpoint();
    fixture.dispatch().pages && (["page", "cursor", endpoint.per_page].contains(&name))
}

fn paged(fixture: &Fixture, request: Request) -> Request {
    let query = fixture.request.query.iter();
    let paging = query.filter(|(name, _)| is_paging(fixture, name));
    paging.fold(request, |request, (name, text)| {
        request.query_pair(name, text)
    })
}

/// Calls a fixture's row with what the fixture's path, query and body say.
pub fn call(client: &core::Client, fixture: &Fixture) -> Replayed {
    let request = request(client, fixture);
    let (client, name) = (client.clone(), fixture.name.clone());
    Box::pin(async move {
        let value = core::dispatch::call(&client, request?).await?;
        Ok(value.unwrap_or_else(|| panic!("{name}: its value is not written")))
    })
}

/// Sends the same, and leaves the reading to whoever asks.
pub fn send(
    client: &core::Client,
    fixture: &Fixture,
) -> BoxFuture<'static, Result<RawResponse, Error>> {
    let request = request(client, fixture);
    let client = client.clone();
    Box::pin(async move { core::dispatch::send(&client, request?).await })
}

/// What the row's method makes of the fixture, argument by argument.
fn request(client: &core::Client, fixture: &Fixture) -> Result<Request, Error> {
    let dispatch = fixture.dispatch();
    let mut given = Map::new();
    for (name, _) in dispatch.arguments {
        let value = match *name {
            "query" => {
                let query = fixture.request.query.iter();
                let query = query.filter(|(name, _)| !is_paging(fixture, name));
                query
                    .map(|(name, text)| (name.clone(), Value::from(text.as_str())))
                    .collect()
            }
            "body" if fixture.request.body == Value::Null => continue,
            "body" => fixture.body(),
            "form" | "text" | "yaml" => fixture.text().into(),
            segment => fixture.arg(segment).into(),
        };
        given.insert((*name).to_owned(), value);
    }
    let request = (dispatch.request)(client, &given)?;
    Ok(paged(fixture, request))
}
