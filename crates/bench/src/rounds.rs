//! Two sides in turns, so that both see the same noise.

use std::time::Duration;

use crate::Result;

/// What the rounds came to.
pub(crate) struct Rounds {
    /// Median of ours.
    pub(crate) ours: Duration,
    /// Median of the other side.
    pub(crate) raw: Duration,
    /// Median of the rounds' ratios, ours to raw.
    pub(crate) ratio: f64,
}

/// Runs both sides in turns: A B, B A, A B, … The first round warms up and is not counted.
pub(crate) fn take_turns(
    rounds: usize,
    mut ours: impl FnMut() -> Result<Duration>,
    mut raw: impl FnMut() -> Result<Duration>,
) -> Result<Rounds> {
    let mut taken = Vec::new();
    for round in 0..=rounds {
        let (a, b) = if round % 2 == 0 {
            let a = ours()?;
            (a, raw()?)
        } else {
            let b = raw()?;
            (ours()?, b)
        };
        if round > 0 {
            taken.push((a.as_secs_f64(), b.as_secs_f64()));
        }
    }
    Ok(Rounds {
        ours: Duration::from_secs_f64(median(taken.iter().map(|(a, _)| *a))),
        raw: Duration::from_secs_f64(median(taken.iter().map(|(_, b)| *b))),
        ratio: median(taken.iter().map(|(a, b)| a / b)),
    })
}

/// The value in the middle; zero if there is none.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_and_the_first_does_not_count() {
        let seconds = |list: [u64; 4]| {
            let mut list = list.into_iter();
            move || Ok(Duration::from_secs(list.next().unwrap()))
        };
        let rounds = take_turns(3, seconds([1, 2, 9, 4]), seconds([100, 1, 3, 1])).unwrap();
        assert_eq!(rounds.ours, Duration::from_secs(4));
        assert_eq!(rounds.raw, Duration::from_secs(1));
        assert_eq!(rounds.ratio, 3.0);
    }
}
