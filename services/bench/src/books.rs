//! The books under load, in a data folder or hosted by a process of a cluster, and the services awake beside them.
//!
//! It does not know what is measured.

use std::sync::Arc;

use picket_calendar::Calendar;
use picket_node::embedded::{Awake, Embedded};
use picket_node::folder::{Folder, Owned};
use picket_node::problem::{Failure, cannot_keep};
use picket_runtime::{Clock, Engine, HighWater, Live, ServiceKind};

use super::county::{self, County};
use super::hosted::Hosted;
use super::route::BookRoute;
use super::scratch;

/// The services awake beside dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OtherServices {
    /// The registry only, which is quiet.
    Nothing,
    /// The books of every other service, which act upon what dispatch says.
    Books,
    /// Escalation, courier and insight, and everything else.
    Everything,
}

impl OtherServices {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Books => "all books",
            Self::Everything => "all services",
        }
    }
}

/// The books under load, with what keeps them.
pub(super) struct LoadedBooks {
    pub(super) backend: &'static str,
    pub(super) route: BookRoute,
    pub(super) around: BookHost,
}

/// The keeper of the books.
pub(super) enum BookHost {
    Books { _owned: Owned },
    Embedded(Box<Embedded>),
    Clustered(Box<Hosted>),
}

impl LoadedBooks {
    /// Opens a data folder.
    pub(super) async fn open(
        folder: &Folder,
        counties: &[County],
        others: OtherServices,
    ) -> Result<Self, Failure> {
        let (owned, territory) = (folder.own()?, county::territory(counties));
        owned.set_territory(&territory)?;
        if others != OtherServices::Nothing {
            let node = Embedded::open(
                owned,
                picket_node::services::kinds(),
                Clock::real(),
                Awake::All,
            )
            .await?;
            return Ok(Self {
                backend: "sqlite",
                route: BookRoute::Here(node.live().clone()),
                around: BookHost::Embedded(Box::new(node)),
            });
        }
        let kinds: Vec<ServiceKind> = picket_node::services::kinds()
            .into_iter()
            .filter(|kind| matches!(kind.name, "registry" | "dispatch"))
            .collect();
        let marks = HighWater::open(&folder.highwater()).map_err(scratch)?;
        let engine = Arc::new(
            Engine::new(
                picket_node::folder::open_journal(&owned)?,
                territory,
                kinds,
                Clock::real(),
                Calendar::china(),
            )
            .with_marks(marks),
        );
        let live = Live::start(engine.clone(), &engine.books(), true)
            .await
            .map_err(cannot_keep)?;
        Ok(Self {
            backend: "sqlite",
            route: BookRoute::Here(Arc::new(live)),
            around: BookHost::Books { _owned: owned },
        })
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.route.live().engine().clock
    }

    /// The process of the store's own server, where there is one.
    pub(super) fn server(&self) -> Option<u32> {
        match &self.around {
            BookHost::Clustered(hosted) => hosted.server,
            BookHost::Books { .. } | BookHost::Embedded(_) => None,
        }
    }

    /// Ends it.
    pub(super) async fn close(self) -> Result<(), Failure> {
        match self.around {
            BookHost::Embedded(node) => node.close().await,
            BookHost::Books { .. } => self.route.live().stop().await,
            BookHost::Clustered(hosted) => hosted.close().await?,
        }
        Ok(())
    }
}
