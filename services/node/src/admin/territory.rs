//! The jurisdictions of a cluster: a journal of their own, read by every process, grown by an import.
//!
//! It is an ordinary journal of plain JSON commits: the last one lists every jurisdiction with the one above it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, BusError, Requests, subjects};
use picket_journal::{
    AppendOutcome, BookName, Head, Journal, ReadError, RetryPolicy, append_until_known, hash_of,
};
use picket_schemas::Jurisdiction;
use picket_schemas::registry::Territory;
use serde::{Deserialize, Serialize};

/// Where an import says which jurisdictions there are to be.
const SUBJECT: &str = subjects::TERRITORY;
/// Where whoever reads no journal asks which there are.
const LIST: &str = subjects::JURISDICTIONS;
/// How often a race with another import is run again.
const TRIES: usize = 10;
/// How soon serving is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// The reply to an import that says which jurisdictions there are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum GrowReply {
    /// They are there.
    Grown,
    /// They are not, and why.
    Refused(String),
}

impl GrowReply {
    /// An empty reply is a yes.
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Grown => Vec::new(),
            Self::Refused(why) => why.into_bytes(),
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            Self::Grown
        } else {
            Self::Refused(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    book: String,
    n: u64,
    prev: String,
    jurisdictions: BTreeMap<Jurisdiction, Option<Jurisdiction>>,
}

fn book() -> BookName {
    BookName::new("territory", "all").expect("a name of lower-case letters")
}

/// The jurisdictions there are, with the head they were read at.
pub async fn read(journal: &dyn Journal) -> Result<(Territory, Head), ReadError> {
    let mut head = Head::default();
    let mut territory = Territory::default();
    loop {
        let page = journal.read(&book(), &head, 256).await?;
        let Some(last) = page.last() else {
            return Ok((territory, head));
        };
        let listed: Listed = serde_json::from_slice(&last.bytes).map_err(|why| {
            ReadError::Unavailable(format!("the list of jurisdictions cannot be read: {why}"))
        })?;
        territory = Territory {
            jurisdictions: listed.jurisdictions,
        };
        head = last.head.clone();
    }
}

/// Adds jurisdictions; those that are there stay as they are.
pub async fn grow(journal: &dyn Journal, more: &Territory) -> Result<(), String> {
    for _ in 0..TRIES {
        let (before, head) = read(journal).await.map_err(|why| why.to_string())?;
        let mut jurisdictions = before.jurisdictions.clone();
        for (jurisdiction, parent) in &more.jurisdictions {
            jurisdictions
                .entry(jurisdiction.clone())
                .or_insert_with(|| parent.clone());
        }
        if jurisdictions == before.jurisdictions {
            return Ok(());
        }
        let listed = Listed {
            book: book().to_string(),
            n: head.number + 1,
            prev: head.hash.clone(),
            jurisdictions,
        };
        let bytes = serde_json::to_vec(&listed).map_err(|why| why.to_string())?;
        let hash = hash_of(&bytes);
        match append_until_known(
            journal,
            &book(),
            &head,
            &hash,
            bytes.into(),
            &RetryPolicy::default(),
        )
        .await
        {
            AppendOutcome::Done(_) => return Ok(()),
            AppendOutcome::NotMine { .. } => {}
            AppendOutcome::NotSaved(why) => return Err(why.to_string()),
            AppendOutcome::Shortened { .. } | AppendOutcome::StillUnknown => {
                return Err(
                    "it is not known whether the jurisdictions were saved; import again".into(),
                );
            }
        }
    }
    Err("other imports were always a little faster; import again".into())
}

/// Serves a subject, tried until it works.
async fn serving(bus: &Arc<dyn Bus>, subject: &str) -> Requests {
    loop {
        match bus.serve(subject).await {
            Ok(requests) => return requests,
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

/// Grows the list for imports that ask.
pub async fn serve(bus: Arc<dyn Bus>, journal: Arc<dyn Journal>) {
    let mut requests = serving(&bus, SUBJECT).await;
    while let Some(request) = requests.next().await {
        let reply = match serde_json::from_slice::<Territory>(&request.body) {
            Ok(more) => match grow(journal.as_ref(), &more).await {
                Ok(()) => GrowReply::Grown,
                Err(why) => GrowReply::Refused(why),
            },
            Err(why) => GrowReply::Refused(why.to_string()),
        };
        request.reply(reply.bytes());
    }
}

/// Tells the list to processes that read no journal.
pub async fn tell(bus: Arc<dyn Bus>, journal: Arc<dyn Journal>) {
    let mut requests = serving(&bus, LIST).await;
    while let Some(request) = requests.next().await {
        if let Ok((there, _)) = read(journal.as_ref()).await {
            request.reply(serde_json::to_vec(&there).unwrap_or_default());
        }
    }
}

/// Asks those that read the journal for the list; nothing where none of them is there.
pub async fn told(bus: &dyn Bus) -> Option<Territory> {
    let said = bus
        .ask(LIST, Vec::new(), Duration::from_secs(2))
        .await
        .ok()?;
    serde_json::from_slice(&said).ok()
}

/// Asks whether the running process takes more jurisdictions: growing the list by none changes nothing.
pub async fn takes_more(bus: &dyn Bus) -> Result<(), BusError> {
    let none = serde_json::to_vec(&Territory::default()).expect("a territory holds only strings");
    bus.ask(SUBJECT, none, Duration::from_secs(5))
        .await
        .map(drop)
}

/// Asks the running cluster to grow the list.
pub async fn ask(bus: &dyn Bus, territory: &Territory) -> Result<(), String> {
    let body = serde_json::to_vec(territory).expect("a territory holds only strings");
    let reply = bus.ask(SUBJECT, body, Duration::from_secs(20)).await;
    match GrowReply::parse(&reply.map_err(|why| why.to_string())?) {
        GrowReply::Grown => Ok(()),
        GrowReply::Refused(why) => Err(why),
    }
}

/// The jurisdiction nothing stands above; the first by code where there are several.
pub fn topmost(territory: &Territory) -> Option<Jurisdiction> {
    territory
        .jurisdictions
        .iter()
        .find(|(_, parent)| parent.is_none())
        .map(|(top, _)| top.clone())
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use picket_journal::MemoryJournal;

    use super::*;

    #[tokio::test]
    async fn jurisdictions_are_added_once_and_stay_as_they_are() {
        let journal = MemoryJournal::new();
        let city = Territory {
            jurisdictions: [
                ("4209".into(), None),
                ("420902".into(), Some("4209".into())),
            ]
            .into(),
        };
        grow(&journal, &city).await.unwrap();
        let (read_back, first) = read(&journal).await.unwrap();
        assert_eq!((read_back, first.number), (city.clone(), 1));
        grow(&journal, &city).await.unwrap();
        let other = Territory {
            jurisdictions: [
                ("420902".into(), None),
                ("420921".into(), Some("4209".into())),
            ]
            .into(),
        };
        grow(&journal, &other).await.unwrap();
        let (grown, second) = read(&journal).await.unwrap();
        assert_eq!(second.number, 2);
        assert_eq!(grown.jurisdictions.len(), 3);
        assert_eq!(
            grown.parent(&"420902".into()),
            city.parent(&"420902".into()),
            "what was there stays"
        );
    }
}
