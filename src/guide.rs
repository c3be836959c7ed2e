//! The guide: the code of its pages is tested with the documentation. A page a line.

macro_rules! pages {
    ($($page:ident = $file:literal;)+) => {
        $(#[doc = include_str!(concat!("../docs/", $file))] struct $page;)+
    };
}

pages! {
    AddingAService = "adding-a-service.md";
    Deploy = "deploy.md";
    ErrorsAndRetries = "errors-and-retries.md";
    Features = "features.md";
    Limits = "limits.md";
    LiveStream = "live-stream.md";
    Pages = "pages.md";
    Reliability = "reliability.md";
    Secrets = "secrets.md";
    Start = "start.md";
    Testing = "testing.md";
    Sandbox = "sandbox.md";
    Waiting = "waiting.md";
}
