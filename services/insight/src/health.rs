//! Health: what is wrong with the projection, and what it can say of deadlines that nobody can work out yet.
//!
//! For whoever watches over a running Picket. It decides nothing and knows no calendar.

use jiff::Timestamp;

use crate::fold::PROVISIONAL;
use crate::{Insight, InsightError, sql};

impl Insight {
    /// The guessed due instants of open clocks that wait for the calendar of a year.
    pub fn provisional(&self) -> Result<Vec<Timestamp>, InsightError> {
        let mut open = self
            .conn
            .prepare_cached("SELECT due FROM clocks WHERE stopped IS NULL AND standing = ?1")?;
        let dues = open.query_map((PROVISIONAL,), |row| row.get::<_, i64>(0))?;
        dues.map(|due| Ok(sql::instant(due?))).collect()
    }
}

impl InsightError {
    /// True if the disk said no: the projection is as good as it was, and goes on when there is room.
    pub fn is_of_the_disk(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        matches!(self, Self::Store(why) if matches!(why.sqlite_error_code(), Some(DiskFull | SystemIoFailure | ReadOnly | CannotOpen)))
    }
}
