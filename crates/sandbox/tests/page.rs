//! The page of the control, in a real Chromium without a screen. Where `chromium` and `chromedriver` are not
//! installed, it says so and proves nothing.

#![cfg(all(
    feature = "control",
    feature = "scalingo",
    feature = "tideways",
    feature = "devopness"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deploykit_sandbox::Sandbox;
use deploykit_sandbox::control::Control;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take until the page shows it.
const PATIENCE: Duration = Duration::from_secs(30);

const LOOK: Duration = Duration::from_millis(50);

/// The key that goes on to the next element, and the one that presses it.
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// A browser that ends with the test.
struct Browser {
    driver: Child,
    session: String,
    http: reqwest::Client,
    profile: TempDir,
}

impl Browser {
    /// Nothing if there is none here.
    async fn start() -> Option<Self> {
        let is_here = |name| Command::new(name).arg("--version").output().is_ok();
        if !is_here("chromium") || !is_here("chromedriver") {
            eprintln!("chromium or chromedriver is not installed: the page is not tried");
            return None;
        }
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.rsplit_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let profile = TempDir::new().unwrap();
        let mut browser = Self {
            session: format!("http://127.0.0.1:{}/session", port.expect("a port")),
            driver,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            profile,
        };
        let profile = format!("--user-data-dir={}", browser.profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1200,1600",
            "--lang=en",
            profile.as_str(),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let session = browser.ask("", wanted).await;
        browser.session = format!(
            "{}/{}",
            browser.session,
            session["sessionId"].as_str().unwrap()
        );
        Some(browser)
    }

    async fn ask(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.session);
        let request = self.http.post(url).body(body.to_string());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        let mut value: Value = serde_json::from_str(&text).unwrap();
        value["value"].take()
    }

    /// What a script comes to.
    async fn script(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.ask("/execute/sync", body).await
    }

    /// Waits until a script comes to `true`.
    async fn until(&self, condition: &str) {
        let begun = Instant::now();
        while self.script(&format!("return {condition}")).await != true {
            if begun.elapsed() > PATIENCE {
                let text = self.script("return document.body.innerText").await;
                panic!(
                    "not within {PATIENCE:?}: {condition}\n{}",
                    text.as_str().unwrap()
                );
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Presses keys, wherever the focus is.
    async fn press(&self, keys: &[&str]) {
        let each = |key: &&str| {
            [
                json!({"type": "keyDown", "value": key}),
                json!({"type": "keyUp", "value": key}),
            ]
        };
        let keys: Vec<Value> = keys.iter().flat_map(each).collect();
        let body = json!({"actions": [{"type": "key", "id": "keys", "actions": keys}]});
        self.ask("/actions", body).await;
    }

    /// Goes on by the keyboard to the element with this text or name, and presses it.
    async fn reach(&self, name: &str) {
        for _ in 0..100 {
            self.press(&[TAB]).await;
            let focused = "const e = document.activeElement; \
                           return [e.getAttribute('aria-label') ?? '', e.textContent, e.name ?? '']";
            let focused = self.script(focused).await;
            if focused
                .as_array()
                .unwrap()
                .iter()
                .any(|text| text.as_str().unwrap().starts_with(name))
            {
                return;
            }
        }
        panic!("{name} is not reached by the keyboard");
    }

    /// For people who look: saved where `PAGE_SHOTS` says.
    async fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("PAGE_SHOTS") else {
            return;
        };
        let answer = self
            .http
            .get(format!("{}/screenshot", self.session))
            .send()
            .await
            .unwrap();
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let image = STANDARD.decode(answer["value"].as_str().unwrap()).unwrap();
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), image).unwrap();
    }

    async fn scheme(&self, scheme: &str) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        let body = json!({"cmd": "Emulation.setEmulatedMedia", "params": media});
        self.ask("/goog/cdp/execute", body).await;
    }

    async fn end(mut self) {
        // The driver ends the browser; without, it would stay.
        let _ = self.http.delete(&self.session).send().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_see_and_do_everything_without_a_mouse() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let scalingo = Sandbox::scalingo().start().await.unwrap();
    let devopness = Sandbox::devopness().start().await.unwrap();
    let tideways = Sandbox::tideways().start().await.unwrap();
    let control = Control::of(&scalingo)
        .and(&devopness)
        .and(&tideways)
        .start()
        .await
        .unwrap();
    let seen = async |text: &str| {
        let text = json!(text);
        browser
            .until(&format!("document.body.innerText.includes({text})"))
            .await;
    };

    browser
        .ask("/url", json!({"url": format!("{}/", control.base_url())}))
        .await;
    seen("Live. 3 services.").await;
    seen("tk-us-sandbox").await;
    seen("example-app").await;

    // A fault, set by the keyboard, strikes and is seen.
    browser.reach("path").await;
    browser.script("document.activeElement.select()").await;
    let path: Vec<String> = "/v1/regions".chars().map(String::from).collect();
    browser
        .press(&path.iter().map(String::as_str).collect::<Vec<_>>())
        .await;
    browser.reach("Set fault").await;
    browser.press(&[ENTER]).await;
    seen("* /v1/regions").await;
    let regions = || async {
        let url = format!("{}/v1/regions", scalingo.base_url());
        browser
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(regions().await, 503);
    seen("503 (fault 1)").await;
    browser
        .until("document.querySelector('#faults td:nth-child(4)').textContent === '1'")
        .await;
    browser.reach("Take back fault 1").await;
    browser.press(&[ENTER]).await;
    browser
        .until("document.querySelectorAll('#faults tr').length === 0")
        .await;
    assert_eq!(regions().await, 200);

    // A deployment walks through its statuses while its log arrives.
    let status = "document.querySelector('[aria-label=deployments] strong')?.textContent";
    scalingo.trigger("example-app", "v1").unwrap();
    browser.until(&format!("{status} === 'building'")).await;
    browser
        .script("document.querySelector('[aria-label=deployments] summary').click()")
        .await;
    seen("Installing dependencies using bundler").await;
    browser.shot("light").await;
    browser.scheme("dark").await;
    browser.shot("dark").await;
    assert_eq!(
        browser
            .script("return getComputedStyle(document.body).backgroundColor")
            .await,
        "rgb(13, 17, 23)"
    );
    browser.reach("advance").await;
    browser.press(&[ENTER]).await;
    browser.until(&format!("{status} === 'success'")).await;
    seen("Your application is up and running").await;
    assert!(scalingo.clock().ahead() >= Duration::from_secs(60));

    // What is refused is said.
    browser.reach("outcome").await;
    browser.press(&["b", "a", "d", ENTER]).await;
    seen("\"bad\" is no outcome: unknown variant `bad`, expected one of `success`").await;

    // Another service; then back to the start.
    browser.reach("devopness").await;
    browser.press(&[ENTER]).await;
    seen("web-srv-1").await;
    browser
        .until("document.getElementById('name').textContent.startsWith('devopness')")
        .await;
    browser.shot("devopness").await;
    browser.reach("reset").await;
    browser.press(&[ENTER]).await;
    browser
        .until("document.querySelector('#facts').innerText.includes(', 0 s ahead')")
        .await;
    assert!(scalingo.deployments("example-app").is_empty());

    // Nothing was fetched from elsewhere, and nothing broke the page's own rules.
    let log = browser.ask("/se/log", json!({"type": "browser"})).await;
    let severe = |entry: &&Value| {
        let text = entry["message"].as_str().unwrap();
        // The refusal above.
        entry["level"] == "SEVERE" && !text.contains("422")
    };
    let severe: Vec<_> = log.as_array().unwrap().iter().filter(severe).collect();
    assert!(severe.is_empty(), "{severe:?}");
    let elsewhere = "return performance.getEntriesByType('resource').map((one) => one.name)\
                     .filter((name) => !name.startsWith(location.origin) && !name.startsWith('data:'))";
    assert_eq!(browser.script(elsewhere).await, json!([]));
    // Every field and every button has a name that can be read out.
    let nameless = "return [...document.querySelectorAll('input, select, button')].filter((one) => \
                    !one.labels?.length && !one.textContent.trim() && !one.getAttribute('aria-label')).length";
    assert_eq!(browser.script(nameless).await, 0);
    browser.end().await;
}
