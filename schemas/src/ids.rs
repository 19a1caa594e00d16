//! Ids: short strings that print as they are stored.
//!
//! Inside its own jurisdiction an id stands alone (`T-2041`); anywhere else it is written with the
//! jurisdiction in front (`420902/T-2041`). A person is always written in full, because people act
//! outside their own jurisdiction every day.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$m:meta])* $name:ident),* $(,)?) => {$(
        $(#[$m])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as it is written.
            pub fn as_str(&self) -> &str { &self.0 }
            /// Whether it names nothing.
            pub fn is_empty(&self) -> bool { self.0.is_empty() }
        }
        impl From<&str> for $name { fn from(text: &str) -> Self { Self(Arc::from(text)) } }
        impl From<String> for $name { fn from(text: String) -> Self { Self(Arc::from(text)) } }
        impl fmt::Display for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(&self.0) } }
        impl fmt::Debug for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) } }
        impl Borrow<str> for $name { fn borrow(&self) -> &str { &self.0 } }
        impl AsRef<str> for $name { fn as_ref(&self) -> &str { &self.0 } }
        impl PartialEq<str> for $name { fn eq(&self, other: &str) -> bool { &*self.0 == other } }
        impl PartialEq<&str> for $name { fn eq(&self, other: &&str) -> bool { &*self.0 == *other } }
        impl Default for $name { fn default() -> Self { Self(Arc::from("")) } }
    )*};
}

ids! {
    /// The unit that owns its records, by default a county: `420902`.
    Jurisdiction,
    /// An administrative area of any level: `420902003004`.
    AreaCode,
    /// A department: `edu`.
    DepartmentCode,
    /// A sentinel post: `PO-01`.
    PostCode,
    /// A person in full: `420902/P-0017`.
    PersonId,
    /// An institution or school on the list: `I-0003`.
    InstitutionCode,
    /// A batch of sweep tasks: `B-12`.
    BatchId,
    /// A sweep task: `T-2041`.
    TaskId,
    /// A place on no list, as its finder reported it: `U-7`.
    PlaceId,
    /// One crew's outing on one local day: `S-31`.
    SortieId,
    /// A report as it came in: `R-77`.
    ReportId,
    /// A lead: `L-69`.
    LeadId,
    /// A joint action: `J-3`.
    ActionId,
    /// A case: `C-21`.
    CaseId,
    /// A rectification order: `Z-318`.
    OrderId,
    /// A running deadline: `K-95`.
    ClockId,
    /// A step of a ladder that was taken or proposed: `E-14`.
    StepId,
    /// A message somebody must get: `N-501`.
    NoticeId,
    /// A cron schedule: `weekly-sweep`.
    ScheduleCode,
    /// One planned run of a schedule: `weekly-sweep@2023-03-06T08:30`.
    OccurrenceId,
    /// A bulletin: `BU-4`.
    BulletinId,
    /// A record of any kind, where only the id tells which: `T-7`, `4209/B-2`, `J-3.edu`.
    RecordId,
    /// An institution or a place, where only the id tells which: `I-0003`, `U-7`.
    SubjectId,
    /// One wish, made once by whoever first wished it.
    CommandId,
}

impl PersonId {
    /// A person of a jurisdiction, by the code its registry gave.
    pub fn new(jurisdiction: &Jurisdiction, code: &str) -> Self {
        Self::from(format!("{jurisdiction}/{code}"))
    }

    /// The jurisdiction whose registry enrolled the person.
    pub fn jurisdiction(&self) -> Jurisdiction {
        Jurisdiction::from(self.as_str().split_once('/').map_or("", |(home, _)| home))
    }

    /// The short form people see.
    pub fn code(&self) -> &str {
        self.as_str()
            .split_once('/')
            .map_or(self.as_str(), |(_, code)| code)
    }
}

/// Splits `420902/T-2041` into its jurisdiction and short form; a short form stays as it is.
pub fn split_id(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((home, short)) => (Some(home), short),
        None => (None, text),
    }
}
