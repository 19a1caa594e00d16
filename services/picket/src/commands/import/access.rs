//! Access to the registries of a folder: through the process that keeps it, else by owning it for as long as it takes.

use std::sync::Arc;

use jiff::Timestamp;
use picket_bus::Client;
use picket_import::KnownRecords;
use picket_journal::BookName;
use picket_node::admin::{clock, registers, territory};
use picket_node::embedded::{Awake, Embedded};
use picket_node::folder::{Folder, Owned, open_journal};
use picket_node::ids::now;
use picket_node::problem::{Failure, cannot_keep};
use picket_node::services::kinds;
use picket_node::socket::SocketBus;
use picket_runtime::{Clock, book_name};
use picket_schemas::registry::Territory;

use super::files::Table;
use super::rows::{self, RegistryAccess};
use crate::settings::CliSettings;

pub(super) enum Access {
    /// Through the process that keeps it.
    Running(Client),
    /// By owning it.
    Owned(Owned),
}

impl Access {
    pub(super) async fn open(folder: &Folder) -> Result<Self, Failure> {
        Ok(match SocketBus::connect(&folder.socket()).await {
            Ok(bus) => Self::Running(Client::new(Arc::new(bus))),
            Err(_) => Self::Owned(folder.own()?),
        })
    }

    /// True where new jurisdictions can be added: not while `picket up` keeps the folder.
    pub(super) async fn takes_jurisdictions(&self) -> Result<(), Failure> {
        let Self::Running(client) = self else {
            return Ok(());
        };
        territory::takes_more(client.bus().as_ref())
            .await
            .map_err(|_| {
                Failure::usage(
                    "a new jurisdiction cannot be added while Picket runs on the folder",
                    "Stop `picket up`, import, start it again.",
                )
            })
    }

    /// The definitions the registries hold already.
    pub(super) async fn known(&self, territory: &Territory) -> Result<KnownRecords, Failure> {
        if territory.jurisdictions.is_empty() {
            return Ok(KnownRecords::default());
        }
        let layers = match self {
            Self::Running(client) => registers::ask(client).await.map_err(|why| {
                Failure::usage(
                    format!("the running Picket does not say what it knows: {why}"),
                    "Both sides must run the same version; nothing was written.",
                )
            })?,
            Self::Owned(owned) => registers::read(open_journal(owned)?, territory).await?,
        };
        Ok(KnownRecords::from_layers(&layers))
    }

    /// Writes the rows of a territory, and before them, where it is `new`, the territory itself. How many of the rows
    /// were new or changed.
    pub(super) async fn write(
        self,
        settings: &CliSettings,
        tables: &[Table],
        territory: &Territory,
        new: Option<&Territory>,
    ) -> Result<u64, Failure> {
        match self {
            Self::Running(client) => {
                if let Some(new) = new {
                    let asked = territory::ask(client.bus().as_ref(), new).await;
                    asked.map_err(not_taken)?;
                }
                let made = clock::now(&client).await;
                rows::write(settings, tables, &RegistryAccess::Running(&client), made).await
            }
            Self::Owned(owned) => {
                if let Some(new) = new {
                    owned.set_territory(new)?;
                }
                let awake = Awake::Only(books(territory)?);
                let node = Embedded::open(owned, kinds(), Clock::real(), awake).await?;
                let made = now().max(node.live().last_commit().unwrap_or(Timestamp::MIN));
                let written =
                    rows::write(settings, tables, &RegistryAccess::Own(&node), made).await;
                node.close().await;
                written
            }
        }
    }
}

fn not_taken(why: String) -> Failure {
    Failure::usage(
        format!("the new jurisdictions were not taken: {why}"),
        "Nothing was written; import again.",
    )
}

/// The books that rows go to.
fn books(territory: &Territory) -> Result<Vec<BookName>, Failure> {
    let mut books = Vec::new();
    for jurisdiction in territory.jurisdictions.keys() {
        for service in ["registry", "schedule"] {
            books.push(book_name(service, jurisdiction).map_err(cannot_keep)?);
        }
    }
    Ok(books)
}
