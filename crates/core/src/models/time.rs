//! Points in time as the services write them.

use std::fmt;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use tokio::time::Instant;

/// A point in time from a response.
///
/// Read from RFC 3339 (with any number of fraction digits, with or without an offset), from
/// `2015-07-31 10:10:10` without a zone (taken as UTC), or from a bare date. A text that is none of these
/// is kept: decoding never fails because of a date.
///
/// ```
/// use deploykit_core::Time;
///
/// let time = Time::parse("2014-09-10T10:49:42.390+02:00");
/// assert_eq!(time.timestamp().unwrap().to_string(), "2014-09-10T08:49:42.39Z");
/// assert_eq!(Time::parse("8/2020").timestamp(), None);
/// assert_eq!(Time::parse("8/2020").to_string(), "8/2020");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Time(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Known { at: Timestamp, offset: Offset },
    Text(Box<str>),
}

impl Time {
    /// Reads a text; one that cannot be read is kept as it is.
    pub fn parse(text: &str) -> Self {
        match read(text) {
            Some((at, offset)) => Self(Repr::Known { at, offset }),
            None => Self::unread_text(text),
        }
    }

    /// A text that is no time.
    pub(crate) fn unread_text(text: &str) -> Self {
        Self(Repr::Text(text.into()))
    }

    /// A time that came as a number; one that is written as a time that cannot be read is none.
    fn numbered(at: Option<Timestamp>, number: String) -> Self {
        let time = at.map(Self::from);
        let readable = |time: &Self| read(&time.to_string()).is_some();
        time.filter(readable)
            .unwrap_or_else(|| Self::unread_text(&number))
    }

    /// The instant, unless the text could not be read.
    pub fn timestamp(&self) -> Option<Timestamp> {
        match self.0 {
            Repr::Known { at, .. } => Some(at),
            Repr::Text(_) => None,
        }
    }

    /// The offset from UTC that the service wrote; UTC where it wrote none.
    pub fn offset(&self) -> Option<Offset> {
        match self.0 {
            Repr::Known { offset, .. } => Some(offset),
            Repr::Text(_) => None,
        }
    }

    /// The text of a time that could not be read.
    pub fn unread(&self) -> Option<&str> {
        match &self.0 {
            Repr::Known { .. } => None,
            Repr::Text(text) => Some(text),
        }
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(Repr::Known {
            at,
            offset: Offset::UTC,
        })
    }
}

/// The spelling that nearly all services use, `2019-09-25T15:50:48[.390](Z|+02:00)`, in a tenth of the steps.
/// What is written otherwise is left to the parser.
fn read_usual(text: &[u8]) -> Option<(Timestamp, Offset)> {
    let (at, mut zone) = text.split_first_chunk::<19>()?;
    if [at[4], at[7], at[10], at[13], at[16]] != *b"--T::" {
        return None;
    }
    let mut nanoseconds = 0;
    if let [b'.', fraction @ ..] = zone {
        let length = fraction.iter().take_while(|it| it.is_ascii_digit()).count();
        let missing = 9_usize.checked_sub(length).filter(|missing| *missing < 9)?;
        nanoseconds = digits(&fraction[..length])? * 10_i32.pow(missing as u32);
        zone = &fraction[length..];
    }
    let offset = match zone {
        b"Z" => Offset::UTC,
        [sign @ (b'+' | b'-'), hours @ .., b':', m, n] if hours.len() == 2 => {
            let (hours, minutes) = (digits(hours)?, digits(&[*m, *n])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            Offset::from_seconds(if *sign == b'-' { -seconds } else { seconds }).ok()?
        }
        _ => return None,
    };
    let year = digits(&at[..4]).filter(|year| *year > 0)?;
    let two = |from: usize| digits(&at[from..from + 2]).map(|number| number as i8);
    let civil = DateTime::new(
        year as i16,
        two(5)?,
        two(8)?,
        two(11)?,
        two(14)?,
        two(17)?,
        nanoseconds,
    );
    Some((offset.to_timestamp(civil.ok()?).ok()?, offset))
}

/// At most nine digits as a number.
#[inline]
fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + i32::from(digit))
    })
}

fn read(text: &str) -> Option<(Timestamp, Offset)> {
    read_usual(text.as_bytes()).or_else(|| read_any(text.trim()))
}

fn read_any(text: &str) -> Option<(Timestamp, Offset)> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    // A year of zero (`0000-00-00 …`) is how some servers write "never"; it is no time.
    if text.starts_with("0000") {
        return None;
    }
    let pieces = PARSER.parse_pieces(text).ok()?;
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    // RFC 3339 has offsets of whole minutes: one with seconds could be read, but not written again.
    if offset.seconds() % 60 != 0 {
        return None;
    }
    let civil: DateTime = pieces.date().to_datetime(pieces.time().unwrap_or_default());
    let at = TimeZone::fixed(offset).to_timestamp(civil).ok()?;
    Some((at, offset))
}

/// So long after a moment; a sum that no clock can show becomes one that nobody will live to see.
pub fn after(moment: Instant, delay: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

    moment.checked_add(delay.min(FAR)).unwrap_or(moment)
}

/// So many times as long; the longest there is instead of an overflow.
pub(crate) fn scaled(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Known { at, offset } if *offset == Offset::UTC => at.fmt(f),
            Repr::Known { at, offset } => at.display_with_offset(*offset).fmt(f),
            Repr::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Known { .. } => fmt::Display::fmt(self, f),
            Repr::Text(text) => write!(f, "unread {text:?}"),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimeVisitor;

        impl Visitor<'_> for TimeVisitor {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date")
            }

            fn visit_str<E>(self, text: &str) -> Result<Time, E> {
                Ok(Time::parse(text))
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Time, E> {
                let at = Timestamp::from_second(seconds).ok();
                Ok(Time::numbered(at, seconds.to_string()))
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Time, E> {
                match i64::try_from(seconds) {
                    Ok(seconds) => self.visit_i64(seconds),
                    Err(_) => Ok(Time::numbered(None, seconds.to_string())),
                }
            }

            fn visit_f64<E>(self, seconds: f64) -> Result<Time, E> {
                let at = SignedDuration::try_from_secs_f64(seconds)
                    .ok()
                    .and_then(|since| Timestamp::from_duration(since).ok());
                Ok(Time::numbered(at, format!("{seconds:?}")))
            }

            /// As if it were left out.
            fn visit_unit<E>(self) -> Result<Time, E> {
                Ok(Time::unread_text(""))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Time, E> {
                Ok(Time::unread_text(&flag.to_string()))
            }
        }

        deserializer.deserialize_any(TimeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_spelling_that_the_services_use() {
        for (text, utc) in [
            ("2014-09-10T10:49:42.390+02:00", "2014-09-10T08:49:42.39Z"),
            ("2020-05-29T12:23:25.688+00:00", "2020-05-29T12:23:25.688Z"),
            ("2023-07-18T16:41:44Z", "2023-07-18T16:41:44Z"),
            (
                "2018-01-25T10:57:53.822973091Z",
                "2018-01-25T10:57:53.822973091Z",
            ),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("2019-12-31", "2019-12-31T00:00:00Z"),
            ("2015-07-31 10:10:10", "2015-07-31T10:10:10Z"),
            ("2026-04-22 12:00:46.444265", "2026-04-22T12:00:46.444265Z"),
            ("2021-07-10 00:00:00.00", "2021-07-10T00:00:00Z"),
            ("2015-05-12T15:50:38.000000Z", "2015-05-12T15:50:38Z"),
        ] {
            let time = Time::parse(text);
            let at = time.timestamp().map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some(utc), "{text}");
            assert_eq!(
                Time::parse(&time.to_string()).timestamp(),
                time.timestamp(),
                "{text} survives a round trip"
            );
        }
    }

    #[test]
    fn the_usual_spellings_take_the_short_way() {
        for text in [
            "2019-09-25T15:50:48.000000Z",
            "2023-07-18T16:41:44Z",
            "2014-09-10T10:49:42.390+02:00",
            "2014-09-10T10:49:42-09:30",
        ] {
            assert!(read_usual(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn keeps_what_it_cannot_read() {
        for text in [
            "",
            "Fri Mar 24 14:00:00 +0000 UTC 2017",
            "8/2020",
            "0000-00-00 00:00:00",
            "soon",
            "2024-01-01T00:00:00+02:00:10",
            "2024-01-01T00:00:00-00:00:59",
        ] {
            let time = Time::parse(text);
            assert_eq!(time.timestamp(), None, "{text}");
            assert_eq!(time.unread(), Some(text));
            assert_eq!(serde_json::to_value(&time).unwrap(), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_the_instant_that_the_text_says_and_survives(
            (year, month, day) in (1i16..=9999, 1i8..=13, 1i8..=31),
            (hour, minute, second) in (0i8..=24, 0i8..=60, 0i8..=61),
            fraction in "(\\.[0-9]{1,9})?",
            separator in "[T t]",
            offset in "(Z|z|[+-][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?|[+-][0-2][0-9](:?[0-5][0-9]){0,2})?",
        ) {
            let date = format!("{year:04}-{month:02}-{day:02}");
            let text = format!("{date}{separator}{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
            let time = Time::parse(&text);
            // Without an offset, UTC is meant.
            let whole = if offset.is_empty() { format!("{text}Z") } else { text.clone() };
            match time.timestamp() {
                Some(at) => {
                    prop_assert_eq!(whole.parse::<Timestamp>().ok(), Some(at), "{}", &text);
                    prop_assert_eq!(Time::parse(&time.to_string()), time);
                }
                None => prop_assert_eq!(time.to_string(), text),
            }
        }

        #[test]
        fn the_usual_spelling_is_read_as_the_parser_reads_it(
            date in "[0-9]{4}-[01][0-9]-[0-3][0-9]",
            time in "[T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,11})?",
            zone in "Z|[+-][0-2][0-9]:[0-6][0-9]|[+-]?[0-9:]{0,6}",
        ) {
            let text = format!("{date}{time}{zone}");
            if let Some(usual) = read_usual(text.as_bytes()) {
                prop_assert_eq!(Some(usual), read_any(&text), "{}", &text);
            }
        }

        #[test]
        fn any_text_is_read_or_kept(text in "[-+0-9TZ:. ]{0,40}|\\PC{0,20}") {
            let time = Time::parse(&text);
            let written = time.to_string();
            prop_assert_eq!(Time::parse(&written).timestamp(), time.timestamp(), "{}", written);
            prop_assert!(time.timestamp().is_some() || written == text);
        }
    }

    #[test]
    fn keeps_the_offset() {
        let time = Time::parse("2016-12-16T16:33:58.250+01:00");
        assert_eq!(time.offset(), Some(jiff::tz::offset(1)));
        assert_eq!(time.to_string(), "2016-12-16T16:33:58.25+01:00");
    }

    #[test]
    fn a_number_that_is_no_time_is_kept() {
        for number in ["-62135596900", "18446744073709551615", "1e300"] {
            let time: Time = serde_json::from_str(number).unwrap();
            assert_eq!(time.unread(), Some(number));
        }
    }

    #[test]
    fn accepts_epoch_seconds() {
        let time: Time = serde_json::from_str("1465288802").unwrap();
        assert_eq!(time.timestamp().unwrap().as_second(), 1_465_288_802);
    }

    #[test]
    fn decoding_never_fails_because_of_a_date() {
        let read = |json| serde_json::from_str::<Time>(json).unwrap();
        let exact = read("1465288802.5").timestamp().unwrap();
        assert_eq!(exact.to_string(), "2016-06-07T08:40:02.5Z");
        for (json, text) in [("false", "false"), ("1e300", "1e300")] {
            assert_eq!(read(json).unread(), Some(text));
        }
    }
}
