//! Deployments, as one would declare them by hand.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct List {
    pub(super) deployments: Vec<Deployment>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
pub(super) struct Deployment {
    id: String,
    app_id: Option<String>,
    created_at: Option<String>,
    finished_at: Option<String>,
    status: Option<String>,
    git_ref: Option<String>,
    previous_git_ref: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    duration: Option<u64>,
    image_size: Option<u64>,
    stack_base_image: Option<String>,
    image: Option<String>,
    registry: Option<String>,
    postdeploy_hook: Option<String>,
    pusher: Option<Pusher>,
    links: Option<Links>,
}

#[derive(Deserialize)]
struct Pusher {
    id: Option<String>,
    email: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
struct Links {
    output: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    current_page: Option<u64>,
    prev_page: Option<u64>,
    next_page: Option<u64>,
    total_pages: Option<u64>,
    total_count: Option<u64>,
}
