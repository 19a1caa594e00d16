//! The reach of a command to the books: through the running process where there is one, else by opening the folder.
//!
//! A command that opens the folder itself runs only the book it addresses; nothing rings and nothing is sent.

use std::sync::Arc;

use jiff::Timestamp;
use picket_bus::Client;
use picket_node::admin::health::Health;
use picket_node::embedded::{Awake, Embedded};
use picket_node::ids::{now, owner};
use picket_node::problem::{Exit, Failure, cannot_keep};
use picket_node::socket::SocketBus;
use picket_runtime::{Clock, book_name};
use picket_schemas::ask::{Question, View};
use picket_schemas::registry::Territory;
use picket_schemas::{Jurisdiction, PersonId};

use crate::settings::CliSettings;

/// A way to the books of a folder.
pub enum Reach {
    /// Through the process that keeps it.
    Running(Client, Territory),
    /// By opening it.
    Opened(Box<Embedded>, Territory),
}

impl Reach {
    /// Reaches the books of a folder. `services` are awake where it must be opened.
    pub async fn open(settings: &CliSettings, services: &[&str]) -> Result<Self, Failure> {
        let folder = &settings.folder;
        if !folder.path().is_dir() {
            return Err(Failure::usage(
                format!("there is no data folder `{}`", folder.path().display()),
                "Make one: `picket example my-county`, then `picket import my-county --data DIR --yes`; or name yours with `--data DIR`.",
            ));
        }
        let territory = folder.territory()?;
        if let Ok(bus) = SocketBus::connect(&folder.socket()).await {
            return Ok(Self::Running(Client::new(Arc::new(bus)), territory));
        }
        if territory.jurisdictions.is_empty() {
            return Err(empty(settings));
        }
        let owned = folder.own()?;
        let mut books = Vec::new();
        for service in services {
            for jurisdiction in territory.jurisdictions.keys() {
                books.push(book_name(service, jurisdiction).map_err(cannot_keep)?);
            }
        }
        let node = Embedded::open(
            owned,
            picket_node::services::kinds(),
            Clock::real(),
            Awake::Only(books),
        )
        .await?;
        node.read_up().await;
        Ok(Self::Opened(Box::new(node), territory))
    }

    /// The connection.
    pub fn client(&self) -> Client {
        match self {
            Self::Running(client, _) => client.clone(),
            Self::Opened(node, _) => node.client(),
        }
    }

    /// True where a process keeps the folder awake.
    pub fn running(&self) -> bool {
        matches!(self, Self::Running(..))
    }

    /// The time there: that of the process that keeps the folder; never earlier than what is written.
    pub async fn now(&self) -> Timestamp {
        match self {
            Self::Running(client, _) => picket_node::admin::clock::now(client).await,
            Self::Opened(node, _) => now().max(node.live().last_commit().unwrap_or(Timestamp::MIN)),
        }
    }

    /// The health there.
    pub async fn health(&self) -> Health {
        match self {
            Self::Running(client, _) => Health::ask(client).await,
            Self::Opened(node, _) => node.health().await,
        }
    }

    /// True while answers would come from less than the journals hold: a folder just opened is still being read.
    pub async fn is_behind(&self) -> bool {
        match self {
            Self::Running(..) => false,
            Self::Opened(node, _) => node.is_behind().await,
        }
    }

    /// The jurisdictions.
    pub fn territory(&self) -> &Territory {
        match self {
            Self::Running(_, territory) | Self::Opened(_, territory) => territory,
        }
    }

    /// The jurisdiction meant: the one named, else the topmost.
    pub fn jurisdiction(&self, settings: &CliSettings) -> Result<Jurisdiction, Failure> {
        let territory = self.territory();
        match &settings.within {
            Some(code) => {
                let jurisdiction = Jurisdiction::from(code.as_str());
                if territory.jurisdictions.contains_key(&jurisdiction) {
                    return Ok(jurisdiction);
                }
                let known: Vec<_> = territory
                    .jurisdictions
                    .keys()
                    .map(Jurisdiction::as_str)
                    .collect();
                Err(Failure::usage(
                    format!("there is no jurisdiction `{code}` here"),
                    format!("There is {}.", known.join(", ")),
                ))
            }
            None => {
                picket_node::admin::territory::topmost(territory).ok_or_else(|| empty(settings))
            }
        }
    }

    /// A person by full id, or by code within the jurisdiction meant, else wherever exactly one has it.
    pub async fn person(&self, settings: &CliSettings, text: &str) -> Result<PersonId, Failure> {
        let within = self.jurisdiction(settings)?;
        if text == picket_directory::OPERATOR {
            return Ok(PersonId::new(&within, text));
        }
        if text.contains('/') {
            return Ok(PersonId::from(text));
        }
        let mut candidates = vec![within.clone()];
        if settings.within.is_none() {
            candidates.extend(
                self.territory()
                    .jurisdictions
                    .keys()
                    .filter(|jurisdiction| **jurisdiction != within)
                    .cloned(),
            );
        }
        let mut found = Vec::new();
        for jurisdiction in candidates {
            let person = PersonId::new(&jurisdiction, text);
            let reply = self
                .client()
                .ask(
                    &owner(&within),
                    &Question::Person {
                        person: person.clone(),
                    },
                    &Default::default(),
                )
                .await?;
            if matches!(reply.view, View::Person(_)) {
                found.push(person);
            }
        }
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(Failure::new(
                Exit::Refused,
                format!("there is no person `{text}` here"),
                "`picket ask people` lists the roster; a full id is JURISDICTION/CODE.",
            )),
            several => {
                let all: Vec<_> = several.iter().map(PersonId::as_str).collect();
                Err(Failure::usage(
                    format!("`{text}` is several people"),
                    format!("Write one in full: {}.", all.join(", ")),
                ))
            }
        }
    }

    /// Lets go.
    pub async fn close(self) {
        if let Self::Opened(node, _) = self {
            node.close().await;
        }
    }
}

fn empty(settings: &CliSettings) -> Failure {
    let shown = settings.folder.path().display();
    Failure::usage(
        format!("`{shown}` holds no jurisdiction yet"),
        format!(
            "Import one: `picket example my-county`, then `picket import my-county --data {shown} --yes`."
        ),
    )
}
