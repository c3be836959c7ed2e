//! The table of operations, and the router that is made of it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, RawPathParams, RawQuery};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::asked::{Answer, Asked, Problem};
use super::{Stands, acts, faults, journal, page};
use crate::reply::{Body, Reply};

/// How large a body may be: seeds are the largest.
const MOST_BODY: usize = 8 * 1024 * 1024;

/// An operation: its method and path, and what it does.
pub(super) struct Row {
    pub(super) method: MethodFilter,
    pub(super) path: &'static str,
    act: fn(&Stands, &Asked) -> Answer,
}

#[cfg(test)]
impl Row {
    pub(super) fn is(&self, method: &str) -> bool {
        let known = [
            ("get", GET),
            ("post", POST),
            ("patch", PATCH),
            ("delete", DELETE),
        ];
        known.contains(&(method, self.method))
    }
}

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;
const PATCH: MethodFilter = MethodFilter::PATCH;
const DELETE: MethodFilter = MethodFilter::DELETE;

const fn row(method: MethodFilter, path: &'static str, act: fn(&Stands, &Asked) -> Answer) -> Row {
    Row { method, path, act }
}

/// All operations; `openapi.json` describes the same.
#[rustfmt::skip]
pub(super) const ROWS: [Row; 30] = [
    row(GET, "/__sandbox/health", acts::health),
    row(GET, "/__sandbox/ready", acts::ready),
    row(GET, "/__sandbox/openapi.json", acts::openapi),
    row(GET, "/__sandbox/coverage", acts::coverage),
    row(GET, "/__sandbox/services", acts::services),
    row(GET, "/__sandbox/services/{service}", acts::service),
    row(GET, "/__sandbox/services/{service}/state", acts::state),
    row(GET, "/__sandbox/services/{service}/requests", journal::list),
    row(DELETE, "/__sandbox/services/{service}/requests", journal::clear),
    row(GET, "/__sandbox/services/{service}/requests/count", journal::count),
    row(GET, "/__sandbox/services/{service}/faults", faults::list),
    row(POST, "/__sandbox/services/{service}/faults", faults::set),
    row(DELETE, "/__sandbox/services/{service}/faults", faults::clear),
    row(GET, "/__sandbox/services/{service}/faults/{fault}", faults::get),
    row(DELETE, "/__sandbox/services/{service}/faults/{fault}", faults::remove),
    row(GET, "/__sandbox/services/{service}/outcomes", acts::outcomes),
    row(POST, "/__sandbox/services/{service}/outcomes", acts::add_outcomes),
    row(DELETE, "/__sandbox/services/{service}/outcomes", acts::clear_outcomes),
    row(GET, "/__sandbox/services/{service}/quotas", acts::quotas),
    row(PATCH, "/__sandbox/services/{service}/quotas", acts::change_quotas),
    row(POST, "/__sandbox/services/{service}/seed", acts::seed),
    row(POST, "/__sandbox/seed", acts::seed_all),
    row(POST, "/__sandbox/reset", acts::reset),
    row(GET, "/__sandbox/clock", acts::clocks),
    row(PATCH, "/__sandbox/clock", acts::set_speed),
    row(POST, "/__sandbox/clock/advance", acts::advance),
    row(GET, "/__sandbox/snapshots", acts::snapshots),
    row(POST, "/__sandbox/snapshots", acts::keep),
    row(POST, "/__sandbox/snapshots/{snapshot}/restore", acts::restore),
    row(DELETE, "/__sandbox/snapshots/{snapshot}", acts::forget),
];

/// The router of all operations, and of the page.
pub(super) fn router(stands: Arc<Stands>) -> Router {
    let routed = |router: Router, row: &'static Row| {
        let stands = Arc::clone(&stands);
        let handler = move |path: RawPathParams,
                            RawQuery(query): RawQuery,
                            headers: HeaderMap,
                            body: Bytes| {
            let stands = Arc::clone(&stands);
            async move {
                let path = path
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()));
                let query = query.unwrap_or_default();
                let asked = Asked::read(path.collect(), &query, &headers, &body);
                let answer = asked.and_then(|asked| (row.act)(&stands, &asked));
                response(answer.unwrap_or_else(Problem::reply))
            }
        };
        router.route(row.path, on(row.method, handler))
    };
    ROWS.iter()
        .fold(Router::new(), routed)
        .route("/", on(GET, || async { response(page::index()) }))
        .route("/page.js", on(GET, || async { response(page::script()) }))
        .route("/page.css", on(GET, || async { response(page::style()) }))
        .fallback(|| async { response(acts::no_route().reply()) })
        .method_not_allowed_fallback(|| async {
            let text = "this path has other methods: GET /__sandbox/openapi.json lists them";
            response(Problem::new(http::StatusCode::METHOD_NOT_ALLOWED, text).reply())
        })
        .layer(DefaultBodyLimit::max(MOST_BODY))
}

/// The answer, with what keeps browsers from doing more with it than is meant.
pub(super) fn response(reply: Reply) -> Response {
    let body = match reply.body {
        Body::Bytes(bytes) => bytes,
        // Nothing here streams.
        Body::Stream(_) | Body::WebSocket(_) => Bytes::new(),
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    let fixed: [(HeaderName, &str); 4] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
