//! All targets with their corpus, and with some hundred seeded mutations of it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use deploykit_fuzz::TARGETS;

/// How many mutations each target gets; more with `DEPLOYKIT_FUZZ_RUNS`.
const RUNS: u64 = 300;

/// They are the same each time, unless `DEPLOYKIT_FUZZ_SEED` says otherwise.
const SEED: u64 = 8;

/// No mutation is longer.
const LONGEST: usize = 4096;

/// What readers look for.
const WORDS: [&[u8]; 30] = [
    b"\n",
    b"\r\n",
    b"\0",
    b"\\",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b";",
    b"<",
    b">",
    b"=",
    b"%",
    b"@s",
    b"@j%",
    b"null",
    b"-1",
    b"0",
    b"1e400",
    b"18446744073709551615",
    b"NaN",
    b"\xff",
    b"\xf0\x9f\x9a\x80",
    b"\xe2\x80\xa8",
    b"..",
    b"//x",
    b"rel=next",
];

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn number(name: &str, otherwise: u64) -> u64 {
    let told = std::env::var(name).ok();
    told.map_or(otherwise, |text| text.parse().unwrap())
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = here().join("corpus").join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let data = fs::read(&path).unwrap();
        (path, data)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn each_target_holds_with_its_corpus() {
    let mut failed = Vec::new();
    for (name, target) in TARGETS {
        let corpus = corpus(name);
        assert!(corpus.len() >= 3, "{name} has {} files", corpus.len());
        for (path, data) in corpus {
            if catch_unwind(|| target(&data)).is_err() {
                failed.push(path);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn each_target_holds_with_mutations_of_its_corpus() {
    let (runs, seed) = (
        number("DEPLOYKIT_FUZZ_RUNS", RUNS),
        number("DEPLOYKIT_FUZZ_SEED", SEED),
    );
    let mut failed = Vec::new();
    for (name, target) in TARGETS {
        let corpus: Vec<_> = corpus(name).into_iter().map(|(_, data)| data).collect();
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..runs {
            let mut data = random.choice(&corpus).unwrap().clone();
            for _ in 0..random.u32(1..6) {
                mutate(&mut data, &corpus, &mut random);
            }
            data.truncate(LONGEST);
            if catch_unwind(|| target(&data)).is_err() {
                // One a target is enough.
                failed.push(format!("{name}: printf '{}'", data.escape_ascii()));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

fn mutate(data: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut fastrand::Rng) {
    let at = random.usize(0..=data.len());
    let until = (at + random.usize(0..16)).min(data.len());
    match random.u32(0..7) {
        0 => drop(data.drain(at..until)),
        1 => {
            let word = *random.choice(&WORDS).unwrap();
            data.splice(at..until, word.iter().copied());
        }
        2 => {
            let word = *random.choice(&WORDS).unwrap();
            data.splice(at..at, word.iter().copied());
        }
        3 => {
            let again = data[at..until].to_vec();
            data.splice(at..at, again);
        }
        4 => {
            let other = random.choice(corpus).unwrap();
            let from = random.usize(0..=other.len());
            data.splice(at..until, other[from..].iter().copied().take(64));
        }
        5 => data.insert(at, random.u8(..)),
        _ => {
            if let Some(byte) = data.get_mut(at) {
                *byte ^= 1 << random.u32(0..8);
            }
        }
    }
}

/// A target that is nowhere run under libFuzzer, or a program for none, is noticed.
#[test]
fn each_target_has_a_program_of_its_own() {
    let programs = fs::read_dir(here().join("cargo-fuzz/fuzz_targets")).unwrap();
    let programs: BTreeSet<_> = programs
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let targets: BTreeSet<_> = TARGETS
        .iter()
        .map(|(name, _)| format!("{name}.rs"))
        .collect();
    assert_eq!(programs, targets);
    let manifest = fs::read_to_string(here().join("cargo-fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
