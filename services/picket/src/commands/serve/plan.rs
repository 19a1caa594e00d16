//! The plan of a process: what it keeps, and what runs beside that.

use picket_node::clustered::Part;
use picket_node::clustered::publishing;
use picket_node::ids::new_id;
use picket_node::problem::Failure;
use picket_node::telegram;

use crate::cli::ServeArgs;

/// The reader among the services, and the edges: one for people who chat, one for whoever types commands.
const INSIGHT: &str = "insight";
pub(super) const TELEGRAM: &str = "telegram";
pub(super) const EDGE: &str = "edge";

/// What it keeps, and what runs beside that.
pub(super) struct Plan {
    pub(super) part: Part,
    pub(super) bot: bool,
    pub(super) publish: bool,
}

/// Makes the plan the arguments ask for.
pub(super) fn plan(args: &ServeArgs) -> Result<Plan, Failure> {
    let kinds: Vec<String> = picket_node::services::kinds()
        .iter()
        .map(|kind| kind.name.to_owned())
        .collect();
    let has_token = telegram::token()?.is_some();
    let all = services();
    // What other systems hear is for whoever runs Picket to say.
    let named = if args.services.is_empty() {
        all.iter()
            .filter(|service| ![publishing::SERVICE, EDGE].contains(&service.as_str()))
            .cloned()
            .collect()
    } else {
        args.services.clone()
    };
    if let Some(unknown) = named.iter().find(|service| !all.contains(service)) {
        return Err(Failure::usage(
            format!("there is no service `{unknown}`"),
            format!("Services are {}.", all.join(", ")),
        ));
    }
    if args.services.iter().any(|service| service == TELEGRAM) && !has_token {
        return Err(Failure::usage(
            "the bot needs its token in PICKET_TELEGRAM_TOKEN",
            "BotFather in Telegram gives one: /newbot.",
        ));
    }
    if args.shards == 0 || args.shards > 1_024 {
        return Err(Failure::usage(
            format!("{} shards are not possible", args.shards),
            "Say a number from 1 to 1024, the same for every process.",
        ));
    }
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| new_id("replica").to_string());
    let books = kinds
        .iter()
        .filter(|kind| named.contains(kind))
        .cloned()
        .collect();
    let names = |one: &str| named.iter().any(|service| service == one);
    Ok(Plan {
        part: Part {
            name,
            books,
            insight: names(INSIGHT),
            shards: args.shards,
        },
        bot: names(TELEGRAM) && has_token,
        publish: names(publishing::SERVICE),
    })
}

/// All that can be named.
pub(crate) fn services() -> Vec<String> {
    picket_node::services::kinds()
        .iter()
        .map(|kind| kind.name)
        .chain([INSIGHT, TELEGRAM, publishing::SERVICE, EDGE])
        .map(str::to_owned)
        .collect()
}

impl Plan {
    /// Whether no journal is read here, and no book kept.
    pub(super) fn is_edge(&self) -> bool {
        self.part.books.is_empty() && !self.part.insight && !self.publish
    }

    /// What this process does, in the order of the list.
    pub(super) fn services(&self) -> Vec<String> {
        let beside = [
            (self.part.insight, INSIGHT),
            (self.bot, TELEGRAM),
            (self.publish, publishing::SERVICE),
        ];
        let beside = beside.into_iter().filter(|(is, _)| *is);
        self.part
            .books
            .iter()
            .cloned()
            .chain(beside.map(|(_, name)| name.to_owned()))
            .collect()
    }
}
