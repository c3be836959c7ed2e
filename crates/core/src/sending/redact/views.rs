//! A text in the spellings that a server may have given it, each with the way back to where it stood.

use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use memchr::memmem;

/// How many spellings may lie on top of each other.
const DEPTH: u32 = 2;

/// Fewer characters of base64 hold nothing that is looked for.
const SHORTEST_RUN: usize = 6;

/// A text with one or more spellings undone.
pub(super) struct View {
    bytes: Vec<u8>,
    /// For each byte, and for the end, where it stood; none for the text itself.
    from: Option<Vec<usize>>,
    lowercase: Vec<u8>,
    /// What its base64 says, read from each of the four places a group may begin at.
    base64: Vec<Base64>,
}

struct Base64 {
    /// Where the first group begins in the view.
    start: usize,
    lowercase: Vec<u8>,
}

/// Shows the text, then what it says with one spelling undone, with two, and so on.
pub(super) fn each(text: &[u8], look: &mut impl FnMut(&View)) {
    undo(View::new(text.to_vec(), None), DEPTH, look);
}

fn undo(view: View, depth: u32, look: &mut impl FnMut(&View)) {
    look(&view);
    if depth > 0 {
        for (sign, spelling) in SPELLINGS {
            if view.bytes.contains(&sign)
                && let Some(view) = view.undone(spelling)
            {
                undo(view, depth - 1, look);
            }
        }
    }
}

/// Reads one spelled character at the start: how long its spelling is, and what it stands for.
type Spelling = fn(&[u8]) -> Option<(usize, Character)>;

/// Each with a sign that no text so spelled is without.
const SPELLINGS: [(u8, Spelling); 4] =
    [(b'\\', json), (b'%', percent), (b'+', form), (b'&', entity)];

/// A character, or a byte of one.
enum Character {
    Byte(u8),
    Char(char),
}

impl View {
    fn new(bytes: Vec<u8>, from: Option<Vec<usize>>) -> Self {
        let lowercase = bytes.to_ascii_lowercase();
        let base64 = runs(&bytes)
            .flat_map(|(start, end)| {
                let bytes = &bytes;
                (0..4).filter_map(move |skipped| Base64::read(bytes, start + skipped, end))
            })
            .collect();
        Self {
            bytes,
            from,
            lowercase,
            base64,
        }
    }

    /// The text with this spelling undone, if it has any of it.
    fn undone(&self, spelling: Spelling) -> Option<Self> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut from = Vec::with_capacity(self.bytes.len() + 1);
        let mut at = 0;
        let mut changed = false;
        while let Some(byte) = self.bytes.get(at) {
            let spelled = spelling(&self.bytes[at..]);
            changed |= spelled.is_some();
            let (length, character) = spelled.unwrap_or((1, Character::Byte(*byte)));
            let place = self.place(at);
            match character {
                Character::Byte(byte) => bytes.push(byte),
                Character::Char(c) => {
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            from.resize(bytes.len(), place);
            at += length;
        }
        from.push(self.place(self.bytes.len()));
        changed.then(|| Self::new(bytes, Some(from)))
    }

    fn place(&self, at: usize) -> usize {
        self.from.as_ref().map_or(at, |from| from[at])
    }

    /// Adds where a text in lower case stands.
    pub(super) fn find(&self, hidden: &[u8], found: &mut Vec<(usize, usize)>) {
        let finder = memmem::Finder::new(hidden);
        for at in finder.find_iter(&self.lowercase) {
            found.push((self.place(at), self.place(at + hidden.len())));
        }
        for base64 in &self.base64 {
            for at in finder.find_iter(&base64.lowercase) {
                // Three bytes are four characters; one that holds but a part of a byte counts.
                let from = base64.start + at * 4 / 3;
                let to = base64.start + ((at + hidden.len()) * 4).div_ceil(3);
                let padding = self.bytes[to..].iter().take_while(|byte| **byte == b'=');
                let to = to + padding.count();
                found.push((self.place(from), self.place(to)));
            }
        }
    }
}

impl Base64 {
    fn read(bytes: &[u8], start: usize, end: usize) -> Option<Self> {
        const LENIENT: GeneralPurpose = GeneralPurpose::new(
            &base64::alphabet::STANDARD,
            NO_PAD
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(DecodePaddingMode::RequireNone),
        );

        let mut run = bytes.get(start..end)?.to_vec();
        for byte in &mut run {
            *byte = match *byte {
                b'-' => b'+',
                b'_' => b'/',
                other => other,
            };
        }
        if run.len() % 4 == 1 {
            run.pop();
        }
        let mut lowercase = LENIENT.decode(run).ok()?;
        lowercase.make_ascii_lowercase();
        Some(Self { start, lowercase })
    }
}

/// Where characters of base64 stand side by side, of either alphabet.
fn runs(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let is_base64 =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(is_base64)?;
        let length = bytes[start..].iter().position(|byte| !is_base64(byte));
        at = length.map_or(bytes.len(), |length| start + length);
        Some((start, at))
    })
    .filter(|(start, end)| end - start >= SHORTEST_RUN)
}

/// `\n`, `\/`, `\"`, `\u0026`; two of the last are one character beyond the first plane.
fn json(text: &[u8]) -> Option<(usize, Character)> {
    let [b'\\', sign, ..] = text else {
        return None;
    };
    let byte = match sign {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'"' | b'\\' | b'/' | b'\'' => *sign,
        b'u' => {
            let first = unit(text)?;
            let second = text.get(6..).and_then(unit);
            let pair = char::decode_utf16([first].into_iter().chain(second)).next()?;
            let c = pair.unwrap_or(char::REPLACEMENT_CHARACTER);
            return Some((6 * c.len_utf16(), Character::Char(c)));
        }
        _ => return None,
    };
    Some((2, Character::Byte(byte)))
}

/// The number of a `\u0026`.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u16::try_from(number(digits, 16)?).ok()
}

fn percent(text: &[u8]) -> Option<(usize, Character)> {
    let digits = text.strip_prefix(b"%")?.get(..2)?;
    let byte = u8::try_from(number(digits, 16)?).ok()?;
    Some((3, Character::Byte(byte)))
}

/// As [`percent`], with `+` for a space.
fn form(text: &[u8]) -> Option<(usize, Character)> {
    match text {
        [b'+', ..] => Some((1, Character::Byte(b' '))),
        _ => percent(text),
    }
}

/// `&amp;`, `&#39;`, `&#x2F;`.
fn entity(text: &[u8]) -> Option<(usize, Character)> {
    const LONGEST: usize = 10;

    let rest = text.strip_prefix(b"&")?;
    let end = rest.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let c = match &rest[..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => return None,
    };
    Some((end + 2, Character::Char(c)))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    digits
        .first()
        .filter(|digit| digit.is_ascii_alphanumeric())?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}
