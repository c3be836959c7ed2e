//! One exchange for several programs, on virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploykit_core::{
    Credential as _, Error, ErrorKind, Exchanged, ExchangedToken, Result, Secret, StoreError,
    StoredToken, TokenStore,
};
use futures::future::{BoxFuture, join_all};
use tokio::time::{Instant, sleep, timeout};

const HOUR: Duration = Duration::from_secs(3600);
const MARGIN: Duration = Duration::from_secs(300);

/// A store that all programs have.
#[derive(Debug, Default)]
struct Shelf {
    token: Mutex<Option<(Secret, Instant)>>,
    turn: Mutex<Option<Instant>>,
    away: Mutex<Option<bool>>,
}

impl Shelf {
    async fn answers(&self) -> Result<(), StoreError> {
        sleep(Duration::from_millis(1)).await;
        let away = *self.away.lock().unwrap();
        match away {
            None => Ok(()),
            Some(true) => Err("the store is closed".into()),
            Some(false) => std::future::pending().await,
        }
    }
}

impl TokenStore for Shelf {
    fn name(&self, origin: &str, _: &Secret) -> String {
        origin.to_owned()
    }

    fn get<'a>(
        &'a self,
        _: &'a str,
        refused: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<StoredToken, StoreError>> {
        Box::pin(async move {
            self.answers().await?;
            let now = Instant::now();
            let mut token = self.token.lock().unwrap();
            let old = |(kept, until): &(Secret, Instant)| Some(kept) == refused || *until <= now;
            if token.as_ref().is_some_and(old) {
                *token = None;
            }
            if let Some((token, until)) = &*token {
                return Ok(StoredToken::Known(Exchanged {
                    token: token.clone(),
                    lifetime: *until - now,
                }));
            }
            let mut turn = self.turn.lock().unwrap();
            if turn.is_some_and(|until| until > now) {
                return Ok(StoredToken::Wait);
            }
            *turn = Some(now + Duration::from_secs(10));
            Ok(StoredToken::Exchange)
        })
    }

    fn put<'a>(
        &'a self,
        _: &'a str,
        token: Option<&'a Exchanged>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.answers().await?;
            if let Some(fresh) = token {
                let until = Instant::now() + fresh.lifetime;
                *self.token.lock().unwrap() = Some((fresh.token.clone(), until));
            }
            *self.turn.lock().unwrap() = None;
            Ok(())
        })
    }
}

/// So many programs; how many exchanges they make in all.
fn programs(
    shelf: &Arc<Shelf>,
    count: usize,
    works: bool,
) -> (Vec<ExchangedToken>, Arc<AtomicU32>) {
    let exchanges = Arc::new(AtomicU32::new(0));
    let program = |_| {
        let exchanges = exchanges.clone();
        let exchange = move || -> BoxFuture<'static, Result<Exchanged>> {
            let number = exchanges.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                sleep(Duration::from_millis(200)).await;
                match works {
                    true => Ok(Exchanged {
                        token: Secret::new(format!("bearer-{number}")),
                        lifetime: HOUR,
                    }),
                    false => Err(Error::new(ErrorKind::Status, "no")),
                }
            })
        };
        let token = ExchangedToken::new(MARGIN, Box::new(exchange));
        token.shared_in(shelf.clone(), "https://auth", &"api-token".into())
    };
    ((0..count).map(program).collect(), exchanges)
}

async fn all(programs: &[ExchangedToken]) -> Vec<String> {
    let tokens = join_all(programs.iter().map(|it| it.authorize()));
    let tokens = timeout(Duration::from_secs(60), tokens)
        .await
        .expect("it is stuck");
    let text =
        |it: Result<deploykit_core::Authorization>| it.unwrap().value.to_str().unwrap().to_owned();
    tokens.into_iter().map(text).collect()
}

#[tokio::test(start_paused = true)]
async fn eight_programs_make_one_exchange_and_another_before_its_end() {
    let shelf = Arc::new(Shelf::default());
    let (programs, exchanges) = programs(&shelf, 8, true);
    assert_eq!(all(&programs).await, ["Bearer bearer-0"; 8]);
    assert_eq!(exchanges.load(Ordering::SeqCst), 1);
    tokio::time::advance(HOUR - MARGIN - Duration::from_secs(2)).await;
    assert_eq!(all(&programs).await, ["Bearer bearer-0"; 8]);
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(all(&programs).await, ["Bearer bearer-1"; 8]);
    assert_eq!(exchanges.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_refused_goes_away_for_all_once() {
    let shelf = Arc::new(Shelf::default());
    let (programs, exchanges) = programs(&shelf, 3, true);
    all(&programs).await;
    for program in &programs {
        let used = program.authorize().await.unwrap();
        program.refused(&used).await;
    }
    assert_eq!(all(&programs).await, ["Bearer bearer-1"; 3]);
    assert_eq!(exchanges.load(Ordering::SeqCst), 2);
    // A late one does not throw the new one away.
    let used = programs[0].authorize().await.unwrap();
    programs[0].refused(&used).await;
    assert_eq!(all(&programs[..1]).await, ["Bearer bearer-2"]);
    programs[1].refused(&used).await;
    assert_eq!(all(&programs[1..2]).await, ["Bearer bearer-2"]);
    assert_eq!(exchanges.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn without_the_store_each_makes_its_own() {
    for hangs in [true, false] {
        let shelf = Arc::new(Shelf::default());
        *shelf.away.lock().unwrap() = Some(hangs);
        let (programs, exchanges) = programs(&shelf, 3, true);
        let start = Instant::now();
        all(&programs).await;
        assert_eq!(exchanges.load(Ordering::SeqCst), 3);
        assert!(
            start.elapsed() < Duration::from_secs(3),
            "{:?}",
            start.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_or_fails_in_its_turn_leaves_it_to_the_next() {
    let shelf = Arc::new(Shelf::default());
    let (dead, _) = programs(&shelf, 1, true);
    let mut exchange = dead[0].authorize();
    let polled = timeout(Duration::from_millis(100), &mut exchange).await;
    assert!(polled.is_err());
    drop(exchange);
    let (living, exchanges) = programs(&shelf, 2, true);
    let start = Instant::now();
    all(&living).await;
    assert_eq!(exchanges.load(Ordering::SeqCst), 1);
    assert!(
        start.elapsed() < Duration::from_secs(11),
        "{:?}",
        start.elapsed()
    );

    let shelf = Arc::new(Shelf::default());
    let (failing, exchanges) = programs(&shelf, 2, false);
    let start = Instant::now();
    for outcome in join_all(failing.iter().map(|it| it.authorize())).await {
        assert!(outcome.is_err());
    }
    assert_eq!(exchanges.load(Ordering::SeqCst), 2);
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
}
