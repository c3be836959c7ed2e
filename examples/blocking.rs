//! Deploys and follows the deployment without async code.
//!
//! ```sh
//! cargo run --example blocking --features blocking
//! ```

#![expect(clippy::print_stdout, reason = "a program prints")]

use deploykit::blocking::{self, Block as _, BlockIter as _};
use deploykit::scalingo::{Client, FollowEvent, NewDeployment};
use deploykit_sandbox::Sandbox;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A program of yours would begin with `Client::from_env()`.
    let sandbox = blocking::run(Sandbox::scalingo().speed(10.0).start())??;
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .auth_url(sandbox.base_url())
        .build()?;

    let source = "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz";
    let new = NewDeployment::new(source).git_ref("v1.2.3");
    let deployment = client.deployments().trigger("example-app", &new).block()?;

    for event in client.follow("example-app", deployment.id).block_iter() {
        match event? {
            FollowEvent::Log(line) => println!("{line}"),
            FollowEvent::Finished(deployment) => println!("{:?}", deployment.status),
            _ => {}
        }
    }

    let deployments = client.deployments().list("example-app");
    for deployment in deployments.items().block_iter() {
        println!("{}", deployment?.id);
    }
    Ok(())
}
