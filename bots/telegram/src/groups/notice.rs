//! Notices a group is shown: offers several may take, and bulletins.

use picket_bus::{Handed, Notice};
use picket_conversation::group;
use picket_ephemera::Rank;
use picket_schemas::PersonId;
use picket_schemas::ask::{After, BulletinView, Question, View};
use tokio::time::Instant;

use crate::api_error::ApiError;
use crate::books::BooksUnreachable;
use crate::groups::Groups;
use crate::groups::cards::{PlacedCard, hash, load_or_none, push, save};
use crate::render::{self, RenderedMessage};

/// Result of showing a notice: none where nothing is left to show.
pub(super) type ShowResult = Result<Option<Result<(), ApiError>>, BooksUnreachable>;

impl Groups {
    pub(super) async fn show_offers(
        &self,
        chat: i64,
        group: &PersonId,
        about: Vec<String>,
        deadline: Instant,
    ) -> ShowResult {
        let Some(view) = self.view(group, &about).await? else {
            return Ok(None);
        };
        if !view.tasks.iter().any(|task| task.open) {
            return Ok(None);
        }
        let message = render::card(&group::offers(
            &view,
            self.settings.now(),
            &self.settings.zone,
        ));
        let card = match self
            .place(chat, &message, Rank::Work, deadline, about)
            .await
        {
            Ok(card) => card,
            Err(error) => return Ok(Some(Err(error))),
        };
        let mut cards = load_or_none(&self.outbox, chat).await;
        push(&mut cards.offers, card);
        save(&self.outbox, chat, &cards).await;
        Ok(Some(Ok(())))
    }

    /// Shows a bulletin, in one message: one that corrects it is edited into its place.
    pub(super) async fn show_bulletin(
        &self,
        chat: i64,
        handed: &Handed,
        deadline: Instant,
    ) -> ShowResult {
        let notice = &handed.notice;
        let Some(bulletin) = self.bulletin(notice).await? else {
            return Ok(None);
        };
        let Some(view) = self.view(&notice.to, &[]).await? else {
            return Ok(None);
        };
        let message = render::card(&group::bulletin(
            &view,
            &bulletin,
            self.settings.now(),
            &self.settings.zone,
        ));
        let of = bulletin.bulletin.clone();
        let mut cards = load_or_none(&self.outbox, chat).await;
        if let Some(card) = earlier(&mut cards.bulletins, &bulletin)
            && message.parts.len() == 1
        {
            match self
                .outbox
                .api
                .edit(chat, card.message, &message, Rank::News, deadline)
                .await
            {
                Ok(()) => {
                    card.of.push(of);
                    card.shows = hash(&message);
                    save(&self.outbox, chat, &cards).await;
                    return Ok(Some(Ok(())));
                }
                Err(ApiError::NoMessage) => {}
                Err(error) => return Ok(Some(Err(error))),
            }
        }
        let placed = self.place(chat, &message, Rank::News, deadline, vec![of]);
        let card = match placed.await {
            Ok(card) => card,
            Err(error) => return Ok(Some(Err(error))),
        };
        push(&mut cards.bulletins, card);
        save(&self.outbox, chat, &cards).await;
        Ok(Some(Ok(())))
    }

    /// Bulletin a notice is about, once it is approved.
    async fn bulletin(&self, notice: &Notice) -> Result<Option<BulletinView>, BooksUnreachable> {
        let question = Question::Bulletin {
            jurisdiction: notice.jurisdiction.clone(),
            bulletin: Some(notice.about.clone()),
        };
        match self.books.ask(&notice.to, &question, &After::new()).await? {
            Ok(View::Bulletin(bulletin)) => Ok(bulletin.filter(|bulletin| bulletin.approved)),
            Ok(View::Stale) => Err(BooksUnreachable),
            _ => Ok(None),
        }
    }

    /// Sends a card whose turn has come, as one of the group's.
    async fn place(
        &self,
        chat: i64,
        message: &RenderedMessage,
        rank: Rank,
        deadline: Instant,
        of: Vec<String>,
    ) -> Result<PlacedCard, ApiError> {
        let placed = self.outbox.api.place(chat, message, rank, deadline).await?;
        Ok(PlacedCard {
            at: placed.0,
            message: placed.1,
            shows: hash(message),
            of,
        })
    }
}

/// Card of a bulletin, or of the one it corrects, where there is one.
fn earlier<'a>(cards: &'a mut [PlacedCard], bulletin: &BulletinView) -> Option<&'a mut PlacedCard> {
    cards.iter_mut().find(|card| {
        card.of.contains(&bulletin.bulletin)
            || bulletin
                .corrects
                .as_ref()
                .is_some_and(|corrected| card.of.contains(corrected))
    })
}
