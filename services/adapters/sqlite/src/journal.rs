//! The journal itself: the port on one side, the writer and the readers on the other.
//!
//! The binary opens it; callers without a runtime use the methods that end in `_blocking`.
//! It does not know SQL.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use async_trait::async_trait;
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MAX_COMMIT_BYTES, ReadError,
    StoredCommit, Unavailable, follow_by_reading,
};
use tokio::sync::{mpsc, oneshot};

use crate::failure::{OnIoError, end_the_process};
use crate::open::{self, OpenError};
use crate::shelf::{self, Shelf};
use crate::writer::{AppendResult, WAITING, Writer, WriterAppend, WriterRequest};

/// What may differ between journals.
#[derive(Clone)]
pub struct Options {
    /// What happens after the disk failed; by default one sentence is printed and the
    /// process ends with code 70.
    pub on_io_error: OnIoError,
    /// The most pages the file may have, so that a test can fill it.
    #[doc(hidden)]
    pub page_limit: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            on_io_error: end_the_process(),
            page_limit: None,
        }
    }
}

/// A journal in one SQLite file. Dropping it writes what waits and closes the file.
pub struct SqliteJournal {
    shelf: Arc<Shelf>,
    /// `None` only while it is being dropped.
    requests: Option<mpsc::Sender<WriterRequest>>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteJournal {
    /// Opens the file, creating it if there is none.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, Options::default())
    }

    /// Opens the file with options.
    pub fn open_with(path: &Path, options: Options) -> Result<Self, OpenError> {
        // An absolute path is never taken for one of SQLite's special names.
        let path = std::path::absolute(path).map_err(|_| OpenError::NoFolder(path.to_owned()))?;
        let connection = open::open_for_writing(&path, options.page_limit)?;
        let heads = shelf::load_heads(&connection).map_err(|error| open::explain(&path, &error))?;
        let shelf = Arc::new(Shelf::new(path, heads, options.on_io_error));
        let (requests, waiting) = mpsc::channel(WAITING);
        let writer = Writer::new(connection, Arc::clone(&shelf));
        let writer = std::thread::Builder::new()
            .name("picket-journal".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(OpenError::Thread)?;
        Ok(Self {
            shelf,
            requests: Some(requests),
            writer: Some(writer),
        })
    }

    /// [`Journal::append`] for callers without a runtime.
    ///
    /// It panics inside a task of a runtime, which it would hold up.
    pub fn append_blocking(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        let (request, answer) = request(book, expected, hash, bytes)?;
        let sent = self.requests()?.blocking_send(request);
        sent.map_err(|_| closed())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(unanswered()))
    }

    /// [`Journal::read`] for callers without a runtime.
    pub fn read_blocking(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        self.shelf.read(book, after, limit)
    }

    /// [`Journal::last`] for callers without a runtime.
    pub fn last_blocking(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.shelf.open_for_use()?;
        Ok(self.shelf.last(books))
    }

    /// The books that have a commit, in the order of their names.
    pub fn books(&self) -> Vec<BookName> {
        self.shelf.books()
    }

    /// Has SQLite check the structure of the whole file; answers what is wrong with it.
    ///
    /// It does not compare commits with their hashes.
    pub fn check(&self) -> Result<Vec<String>, Unavailable> {
        self.shelf.check()
    }

    /// Limits the file to so many pages from the next append on, so that a test can fill it.
    #[doc(hidden)]
    pub async fn limit_pages(&self, pages: u32) {
        if let Ok(requests) = self.requests() {
            let _ = requests.send(WriterRequest::LimitPages(pages)).await;
        }
    }

    fn requests(&self) -> Result<&mpsc::Sender<WriterRequest>, AppendError> {
        self.requests.as_ref().ok_or_else(closed)
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        self.requests = None;
        self.shelf.close_readers();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has answered nobody, which its callers hear.
            let _ = writer.join();
        }
        self.shelf.watchers.close("the journal was closed");
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        let (request, answer) = request(book, expected, hash, bytes)?;
        let sent = self.requests()?.send(request).await;
        sent.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(unanswered()))
    }

    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        let shelf = Arc::clone(&self.shelf);
        shelf.read_aside(book.clone(), after.clone(), limit).await
    }

    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.last_blocking(books)
    }

    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.shelf.open_for_use()?;
        let books = after.iter().map(|(book, _)| book.clone());
        let watch = self.shelf.watchers.watch(books);
        let shelf = Arc::clone(&self.shelf);
        Ok(follow_by_reading(
            watch,
            after,
            move |book, after, limit| Arc::clone(&shelf).read_aside(book, after, limit),
        ))
    }
}

fn request(
    book: &BookName,
    expected: &Head,
    hash: &str,
    bytes: Bytes,
) -> Result<(WriterRequest, oneshot::Receiver<AppendResult>), AppendError> {
    if bytes.len() > MAX_COMMIT_BYTES {
        return Err(AppendError::TooLarge {
            bytes: bytes.len(),
            limit: MAX_COMMIT_BYTES,
        });
    }
    let (reply, answer) = oneshot::channel();
    let append = WriterAppend {
        book: book.clone(),
        expected: expected.clone(),
        hash: hash.to_owned(),
        bytes,
        reply,
    };
    Ok((WriterRequest::Append(append), answer))
}

fn closed() -> AppendError {
    AppendError::Unavailable("the journal was closed".to_owned())
}

fn unanswered() -> AppendError {
    AppendError::Unknown("the writer ended before it answered".to_owned())
}
