//! Texts of others, made fit for one line: no control character, no escape sequence, nothing that turns the
//! direction of writing or cannot be seen, and an end.

use std::fmt::{self, Display, Write};

/// The longest line that an error fills, in characters.
pub(crate) const LONGEST_LINE: usize = 2000;

/// Writes on as one harmless line, of so many characters at most.
pub(crate) struct OneLine<'a> {
    to: &'a mut dyn Write,
    left: usize,
}

impl<'a> OneLine<'a> {
    pub(crate) fn new(to: &'a mut dyn Write, longest: usize) -> Self {
        Self { to, left: longest }
    }
}

impl Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.left == 0 {
                return Ok(());
            }
            self.left -= 1;
            self.to.write_char(match c {
                _ if self.left == 0 => '…',
                c if c.is_whitespace() => ' ',
                c if c.is_control() || is_hidden(c) => char::REPLACEMENT_CHARACTER,
                c => c,
            })?;
        }
        Ok(())
    }
}

/// Whether a character changes how others are shown, or is not shown itself.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The value as one harmless line.
pub(crate) fn one_line(value: &dyn Display, longest: usize) -> String {
    let mut line = String::new();
    // Writing to a string does not fail.
    let _ = write!(OneLine::new(&mut line, longest), "{value}");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_line_or_changes_it() {
        for (text, line) in [
            ("a\r\nb\tc", "a  b c"),
            ("\u{1b}[31mred\u{7}", "\u{fffd}[31mred\u{fffd}"),
            (
                "a\u{202e}b\u{2066}c\u{200b}\u{feff}",
                "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}",
            ),
            ("a\u{85}b\u{2028}c\u{9b}", "a b c\u{fffd}"),
            ("é 🚀", "é 🚀"),
        ] {
            assert_eq!(one_line(&text, 100), line, "{text:?}");
        }
        assert_eq!(one_line(&"1234", 4), "123…");
        assert_eq!(one_line(&"123", 4), "123");
    }
}
