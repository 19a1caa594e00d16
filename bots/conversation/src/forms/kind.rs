//! The kinds of forms, one for each command that must be asked for.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($var:ident $name:literal),* $(,)?) => {
        /// What a form is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Kind { $( #[doc = concat!("`", $name, "`")] #[serde(rename = $name)] $var ),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$var),*];

            /// Its name in the texts.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$var => $name),* }
            }
        }
    };
}

kinds! {
    Decline "decline", Return "return", CancelTask "cancel-task", Give "give", Place "place", Batch "batch",
    Classify "classify", RouteTo "route-to", Joint "joint", Merge "merge", NotOurs "not-ours", Outcome "outcome", Verdict "verdict", FileCase "file-case",
    Order "order", Penalty "penalty", Refund "refund", Suspend "suspend", LookBack "look-back", Serve "serve", Fix "fix", Fail "fail",
    Extend "extend", Park "park", Unpark "unpark", Acknowledge "acknowledge",
}

impl Kind {
    /// Reads a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Whether its command carries photos.
    pub(crate) fn takes_photos(self) -> bool {
        matches!(
            self,
            Self::Place | Self::Verdict | Self::Refund | Self::Serve | Self::Fix | Self::Fail
        )
    }

    /// Whether what it does cannot be taken back.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::CancelTask | Self::Serve | Self::Suspend)
    }
}
