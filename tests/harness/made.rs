//! The calls of fixtures.

use deploykit::core::{self, Call, Error, Pages, RawResponse, Request, Text};
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Fixture;

pub type Replayed = BoxFuture<'static, Result<Value, Error>>;

/// Awaits a call and serializes its value.
pub fn value<T: Serialize + 'static>(call: Call<T>) -> Replayed {
    Box::pin(async { Ok(serde_json::to_value(call.await?).expect("serializable")) })
}

/// Awaits a call without a value.
pub fn unit(call: Call<()>) -> Replayed {
    Box::pin(async { call.await.map(|()| Value::Null) })
}

/// Awaits a call for text.
pub fn text(call: Call<Text>) -> Replayed {
    Box::pin(async { Ok(Value::String(call.await?.0)) })
}

/// Awaits one page of a list, as the fixture's query asks for it.
pub fn page<T: Serialize + Send + 'static>(fixture: &Fixture, pages: Pages<T>) -> Replayed {
    let mut pages = pages;
    for (name, value) in fixture.request.query.clone() {
        pages = pages.map_request(|request| request.query_pair(&name, &value));
    }
    Box::pin(async { Ok(serde_json::to_value(pages.await?.items).expect("serializable")) })
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
    let (endpoint, dispatch) = (fixture.endpoint(), fixture.dispatch());
    // Only the paging is taken as it is: the rest of a query must come from the method.
    let is_paging = |name: &str| {
        dispatch.pages && (matches!(name, "page" | "cursor") || name == endpoint.per_page)
    };
    let query = fixture.request.query.iter();
    let (paging, query): (Vec<_>, Vec<_>) = query.partition(|(name, _)| is_paging(name));
    let mut given = Map::new();
    for (name, _) in dispatch.arguments {
        let value = match *name {
            "query" => query
                .iter()
                .map(|(name, text)| ((*name).clone(), Value::from(text.as_str())))
                .collect::<Map<_, _>>()
                .into(),
            "body" if fixture.request.body == Value::Null => continue,
            "body" => fixture.body(),
            "form" | "text" | "yaml" => fixture.text().into(),
            segment => fixture.arg(segment).into(),
        };
        given.insert((*name).to_owned(), value);
    }
    let request = (dispatch.request)(client, &given)?;
    Ok(paging.iter().fold(request, |request, (name, text)| {
        request.query_pair(name, text)
    }))
}
