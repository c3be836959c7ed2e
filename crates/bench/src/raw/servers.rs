//! Servers with their last action, as one would declare them by hand.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Server {
    id: u64,
    created_by: u64,
    name: String,
    hostname: String,
    provider_name: String,
    provider_name_human_readable: String,
    credential: Option<Credential>,
    region: Option<String>,
    region_human_readable: Option<String>,
    ip_address: Option<String>,
    ssh_port: u32,
    active: bool,
    status: String,
    last_action: Option<Action>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct Credential {
    id: u64,
    name: String,
    provider: Provider,
    provider_type: String,
    provider_type_human_readable: String,
    active: bool,
    created_by_user: User,
    created_at: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct Provider {
    active: bool,
    code: String,
    code_human_readable: String,
    #[serde(rename = "type")]
    kind: String,
    type_human_readable: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: u64,
    name: String,
    email: String,
    url_slug: String,
    language: Option<String>,
    active: Option<bool>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    id: u64,
    status: String,
    status_human_readable: String,
    status_reason_code: String,
    status_reason_human_readable: String,
    #[serde(rename = "type")]
    kind: String,
    type_human_readable: String,
    url_web_permalink: String,
    action_data: Option<ActionData>,
    triggered_from: Option<TriggeredFrom>,
    summary: Option<Summary>,
    targets: Option<Vec<Target>>,
    started_at: Option<String>,
    completed_at: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
struct ActionData {
    release_name: String,
    commit: Commit,
    deployment: DeploymentContent,
}

#[derive(Deserialize)]
struct Commit {
    repository: String,
    author_name: String,
    author_email: String,
    committed_at: String,
    hash: String,
    message: String,
    url: String,
    clone_url: String,
    download_url: String,
}

#[derive(Deserialize)]
struct DeploymentContent {
    #[serde(rename = "type")]
    kind: String,
    source_type: String,
    source_ref: String,
    repository: String,
    provider_name: String,
    pipeline_id: u64,
}

#[derive(Deserialize)]
struct TriggeredFrom {
    origin: Option<String>,
    trigger_type: String,
    name: String,
    email: Option<String>,
    ip_address: String,
    user_id: Option<u64>,
    hook_id: Option<String>,
    hook_request_id: Option<String>,
}

#[derive(Deserialize)]
struct Summary {
    targets: TargetCounts,
}

#[derive(Deserialize)]
struct TargetCounts {
    count: u32,
    pending: u32,
    in_progress: u32,
    completed: u32,
    failed: u32,
}

#[derive(Deserialize)]
struct Target {
    id: u64,
    resource_type: String,
    resource_type_human_readable: Option<String>,
    resource_id: u64,
    status: String,
    status_human_readable: Option<String>,
    status_reason_code: String,
    status_reason_human_readable: Option<String>,
    total_steps: Option<u32>,
    current_step: Option<Step>,
    steps: Option<Vec<Step>>,
    resource_data: Option<ServerData>,
    started_at: Option<String>,
    completed_at: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
struct Step {
    id: u64,
    action_id: u64,
    action_target_id: u64,
    name: Option<String>,
    description: Option<String>,
    order: u32,
    status: String,
    status_human_readable: Option<String>,
    status_reason_code: Option<String>,
    status_reason_human_readable: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
struct ServerData {
    id: u64,
    hostname: String,
    provider_name: String,
    provider_name_human_readable: String,
    ip_address: Option<String>,
    ssh_port: u32,
    os_version_code: Option<String>,
    provision_input: ProvisionInput,
}

#[derive(Deserialize)]
struct ProvisionInput {
    subnet_id: Option<u64>,
    cloud_service_code: String,
    settings: Option<CloudSettings>,
}

#[derive(Deserialize)]
struct CloudSettings {
    instance_type: Option<String>,
    region: Option<String>,
    region_human_readable: Option<String>,
    storage_size: Option<u32>,
    os_version_code: Option<String>,
}
