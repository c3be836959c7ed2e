//! The bytes of a body: in memory while there are few, else in a temporary file.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::stream::{self, Stream};

use crate::sync::lock;

/// How much of a file is read at once.
const PIECE: usize = 64 * 1024;

/// A body that was received. Clones share it; a temporary file is gone with the last of them.
#[derive(Clone)]
pub struct Content(Kept);

#[derive(Clone)]
enum Kept {
    Memory(Bytes),
    File(Arc<Mutex<File>>, u64),
}

impl Content {
    /// What was written to a file.
    pub(crate) fn of_file(file: File, len: u64) -> Self {
        Self(Kept::File(Arc::new(Mutex::new(file)), len))
    }

    /// Whether it takes no reading to have it.
    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.0, Kept::Memory(_))
    }

    /// The same, or a copy of its first bytes if there are more than so many.
    pub(crate) fn beginning(&self, most: usize) -> Self {
        if self.len() <= most as u64 {
            return self.clone();
        }
        let mut beginning = Vec::new();
        // What can't be read is missing: this is for people to look at.
        let _ = self.reader().take(most as u64).read_to_end(&mut beginning);
        Bytes::from(beginning).into()
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Kept::Memory(bytes) => bytes.len() as u64,
            Kept::File(_, len) => *len,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, in memory.
    ///
    /// # Errors
    /// When the temporary file can't be read.
    pub fn bytes(&self) -> io::Result<Bytes> {
        match &self.0 {
            Kept::Memory(bytes) => Ok(bytes.clone()),
            Kept::File(..) => {
                let mut read = Vec::new();
                self.reader().read_to_end(&mut read)?;
                Ok(read.into())
            }
        }
    }

    /// Reads it from the beginning, whoever else reads it.
    pub fn reader(&self) -> Box<dyn Read + Send> {
        match &self.0 {
            Kept::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Kept::File(file, _) => Box::new(Reader {
                file: Arc::clone(file),
                at: 0,
            }),
        }
    }

    /// The same in pieces, for [`Reply::stream`](crate::Reply::stream).
    pub fn stream(&self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold(self.reader(), |mut reader| async {
            let mut piece = vec![0; PIECE];
            let read = reader.read(&mut piece)?;
            piece.truncate(read);
            Ok((read > 0).then(|| (piece.into(), reader)))
        })
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self(Kept::Memory(bytes))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Content").field(&self.len()).finish()
    }
}

/// A place of its own in a shared file.
struct Reader {
    file: Arc<Mutex<File>>,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use futures::TryStreamExt as _;

    use super::*;

    #[tokio::test]
    async fn a_file_is_read_from_the_beginning_by_each_of_its_readers() {
        let written: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&written).unwrap();
        let content = Content::of_file(file, 200_000);
        let mut first = [0; 10];
        let mut reader = content.reader();
        reader.read_exact(&mut first).unwrap();
        assert_eq!(content.bytes().unwrap(), written);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!([&first, rest.as_slice()].concat(), written);
        let pieces: Vec<Bytes> = content.stream().try_collect().await.unwrap();
        assert_eq!(pieces.concat(), written);
    }
}
