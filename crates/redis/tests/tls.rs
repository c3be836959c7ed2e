//! Secure connections to a Redis with certificates of its own.

#![cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::RedisServer;
use deploykit_core::{Ask, Limit, LimitStore as _, Quota, StoreError};
use deploykit_redis::{RedisBuilder, RedisLimits};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Whether a question is answered.
async fn ask(limits: RedisBuilder) -> Result<u32, StoreError> {
    let limits = limits.timeout(Duration::from_secs(1)).build().unwrap();
    let quota = Quota::new("calls", 2, Duration::from_secs(60));
    let token = "tk-us-canary".into();
    let name = limits.name(&Limit::new("https://api.example.com", &token, quota));
    let granted = limits.decide(&name, Ask::new(quota, 5, 0)).await?;
    Ok(granted.permits)
}

#[tokio::test]
async fn a_secure_redis_is_talked_to_with_certificates_of_ones_own() {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "nobody's authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let ca = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let issue = |name: &str| {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    };
    let Some(server) = RedisServer::start_in(|dir| {
        let (certificate, key) = issue("localhost");
        std::fs::write(dir.join("server.pem"), certificate).unwrap();
        std::fs::write(dir.join("server.key"), key).unwrap();
        std::fs::write(dir.join("ca.pem"), &ca).unwrap();
    }) else {
        return;
    };
    let limits = || RedisLimits::builder(format!("rediss://localhost:{}/", server.port));
    let trusting = || limits().root_certificates(ca.clone());

    let (certificate, key) = issue("deployer");
    let known = trusting().client_certificate(certificate.clone(), key.clone());
    assert_eq!(ask(known).await.unwrap(), 2);

    // Who shows nothing is not served, and whom nobody vouches for is not talked to.
    ask(trusting()).await.unwrap_err();
    ask(limits().client_certificate(certificate, key))
        .await
        .unwrap_err();
}

#[test]
fn certificates_that_are_none_are_refused() {
    let error = RedisLimits::builder("rediss://localhost/")
        .client_certificate("canary", "canary")
        .build()
        .unwrap_err();
    assert!(error.is_invalid(), "{error}");
    assert!(!format!("{error:?} {}", error.report()).contains("canary"));
}
