//! Outputs larger than memory.

use bytes::Bytes;
use futures::stream::{self, Stream};

/// One line of an endless build.
const LINE: &str = "       Using thread_safe 0.3.6 from vendor/bundle/ruby/3.3.0\n";

/// Lines per piece: some 64 KiB.
const LINES: usize = 1024;

/// Exactly `bytes` bytes of log lines; the last line may be cut.
pub(super) fn generated(bytes: u64) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let piece = Bytes::from(LINE.repeat(LINES));
    stream::unfold(bytes, move |left| {
        let piece = piece.clone();
        async move {
            let whole = piece.len() as u64;
            match left {
                0 => None,
                left if left >= whole => Some((Ok(piece), left - whole)),
                // Shorter than the piece, so it fits.
                left => Some((Ok(piece.slice(..left as usize)), 0)),
            }
        }
    })
}
