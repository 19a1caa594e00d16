//! The plan of a process: the books it keeps, and the tasks that run beside them.
//!
//! It knows the names of services, and neither a command line nor how a process is started.

use super::Share;
use super::publishing;
use crate::ids::new_id;
use crate::problem::Failure;
use crate::{services, telegram};

/// The reader among the services, and the edges: one for people who chat, one for whoever types commands.
const INSIGHT: &str = "insight";
const TELEGRAM: &str = "telegram";
const EDGE: &str = "edge";

/// The plan of a process.
#[derive(Clone, Debug)]
pub struct ProcessPlan {
    /// The books it keeps.
    pub part: Share,
    /// It runs the bot.
    pub bot: bool,
    /// It tells other systems.
    pub publish: bool,
    /// The name under which traces and numbers are kept: all of Picket, or the services it was told to serve.
    pub traced_as: String,
}

impl ProcessPlan {
    /// The plan for the services that were named, all but those for other systems where none was.
    pub fn new(services: &[String], name: Option<&str>, shards: u32) -> Result<Self, Failure> {
        let has_token = telegram::token()?.is_some();
        let all = all_services();
        // What other systems hear is for whoever runs Picket to say.
        let named = if services.is_empty() {
            all.iter()
                .filter(|service| ![publishing::SERVICE, EDGE].contains(&service.as_str()))
                .cloned()
                .collect()
        } else {
            services.to_vec()
        };
        if let Some(unknown) = named.iter().find(|service| !all.contains(service)) {
            return Err(Failure::usage(
                format!("there is no service `{unknown}`"),
                format!("Services are {}.", all.join(", ")),
            ));
        }
        if services.iter().any(|service| service == TELEGRAM) && !has_token {
            return Err(Failure::usage(
                "the bot needs its token in PICKET_TELEGRAM_TOKEN",
                "BotFather in Telegram gives one: /newbot.",
            ));
        }
        if shards == 0 || shards > 1_024 {
            return Err(Failure::usage(
                format!("{shards} shards are not possible"),
                "Say a number from 1 to 1024, the same for every process.",
            ));
        }
        let books = services::kinds()
            .iter()
            .map(|kind| kind.name.to_owned())
            .filter(|kind| named.contains(kind))
            .collect();
        let names = |one: &str| named.iter().any(|service| service == one);
        Ok(Self {
            part: Share {
                name: name.map_or_else(|| new_id("replica").to_string(), str::to_owned),
                books,
                insight: names(INSIGHT),
                shards,
            },
            bot: names(TELEGRAM) && has_token,
            publish: names(publishing::SERVICE),
            traced_as: [&["picket".to_owned()], services].concat().join("-"),
        })
    }

    /// True where no journal is read here, and no book kept.
    pub fn is_edge(&self) -> bool {
        self.part.books.is_empty() && !self.part.insight && !self.publish
    }

    /// The services of this process, in the order of the list.
    pub fn services(&self) -> Vec<String> {
        if self.is_edge() {
            return vec![if self.bot { TELEGRAM } else { EDGE }.to_owned()];
        }
        let others = [
            (self.part.insight, INSIGHT),
            (self.bot, TELEGRAM),
            (self.publish, publishing::SERVICE),
        ];
        let others = others.into_iter().filter(|(is, _)| *is);
        self.part
            .books
            .iter()
            .cloned()
            .chain(others.map(|(_, name)| name.to_owned()))
            .collect()
    }
}

/// All services that can be named.
pub fn all_services() -> Vec<String> {
    services::kinds()
        .iter()
        .map(|kind| kind.name)
        .chain([INSIGHT, TELEGRAM, publishing::SERVICE, EDGE])
        .map(str::to_owned)
        .collect()
}
