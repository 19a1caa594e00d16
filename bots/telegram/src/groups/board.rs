//! Board and offers of a group, kept up to date in their place.

use std::time::Duration;

use picket_conversation::group;
use picket_ephemera::Rank;
use picket_schemas::PersonId;
use picket_schemas::ask::GroupView;
use tokio::time::Instant;

use crate::api_error::ApiError;
use crate::groups::Groups;
use crate::groups::cards::{GroupCards, PlacedCard, hash, load, load_or_none, save};
use crate::output::ANSWER;
use crate::render::{self, RenderedMessage};

/// Timeout of a board's turn; after that the next look at it does.
const PATIENCE: Duration = Duration::from_secs(8);

impl Groups {
    /// Shows the board anew, below the last message.
    pub(super) async fn show_board(&self, chat: i64, group: &PersonId) {
        let _alone = self.locks.lock(chat).await;
        let mut cards = load_or_none(&self.outbox, chat).await;
        let before = cards.board.take();
        self.draw_board(chat, group, &mut cards, true).await;
        save(&self.outbox, chat, &cards).await;
        if let (Some(before), true) = (before, cards.board.is_some()) {
            self.outbox.api.strip(chat, before.message).await;
        }
    }

    /// Brings the board and the offers of a group up to date.
    pub(super) async fn refresh(&self, chat: i64, group: &PersonId) {
        if self.outbox.reachability.why_unreachable(chat).is_some() {
            return;
        }
        let _alone = self.locks.lock(chat).await;
        // Drawn without knowing which cards there are, each would stand there twice.
        let Some(mut cards) = load(&self.outbox, chat).await else {
            return;
        };
        self.draw_board(chat, group, &mut cards, false).await;
        self.redraw_offers(chat, group, &mut cards).await;
        save(&self.outbox, chat, &cards).await;
    }

    /// Brings the offers of a group up to date, after somebody pressed there.
    pub(super) async fn refresh_offers(&self, chat: i64, group: &PersonId) {
        let _alone = self.locks.lock(chat).await;
        // Drawn without knowing which cards there are, each would stand there twice.
        let Some(mut cards) = load(&self.outbox, chat).await else {
            return;
        };
        self.redraw_offers(chat, group, &mut cards).await;
        save(&self.outbox, chat, &cards).await;
    }

    async fn draw_board(&self, chat: i64, group: &PersonId, cards: &mut GroupCards, asked: bool) {
        let Ok(Some(view)) = self.view(group, &[]).await else {
            return;
        };
        if cards.board.is_none() && !asked && view.batches.is_empty() && view.tasks.is_empty() {
            return;
        }
        let message = render::card(&group::board(
            &view,
            self.settings.now(),
            &self.settings.zone,
        ));
        let shows = hash(&message);
        if cards.board.as_ref().is_some_and(|card| card.shows == shows) {
            return;
        }
        let deadline = Instant::now() + if asked { ANSWER } else { PATIENCE };
        if let Some(card) = &mut cards.board {
            match self
                .outbox
                .api
                .edit(chat, card.message, &message, Rank::News, deadline)
                .await
            {
                Ok(()) => return card.shows = shows,
                Err(ApiError::NoMessage) => cards.board = None,
                Err(error) => return self.board_not_drawn(chat, &error),
            }
        }
        let rank = if asked { Rank::Work } else { Rank::News };
        match self.post(chat, &message, rank, deadline).await {
            Ok((at, message)) => {
                if let Err(error) = self.outbox.api.pin(at, message).await {
                    self.outbox
                        .log
                        .note(format!("the board of {chat} is not pinned: {error}"));
                }
                cards.board = Some(PlacedCard {
                    at,
                    message,
                    shows,
                    of: Vec::new(),
                });
            }
            Err(error) => self.board_not_drawn(chat, &error),
        }
    }

    fn board_not_drawn(&self, chat: i64, error: &ApiError) {
        // A rate limit is no trouble: others are more pressing now.
        if !matches!(error, ApiError::RetryAfter(_)) {
            self.outbox.not_sent(chat, error);
        }
    }

    async fn redraw_offers(&self, chat: i64, group: &PersonId, cards: &mut GroupCards) {
        for mut card in std::mem::take(&mut cards.offers) {
            let stands = match self.view(group, &card.of).await {
                Ok(Some(view)) => self.redraw(chat, &mut card, &view).await,
                // Unavailable books, or a group that is none any more: the card stays as it is.
                _ => true,
            };
            if stands {
                cards.offers.push(card);
            }
        }
    }

    /// Redraws a card of offers. False where it is not kept up to date any longer.
    async fn redraw(&self, chat: i64, card: &mut PlacedCard, view: &GroupView) -> bool {
        let message = render::card(&group::offers(
            view,
            self.settings.now(),
            &self.settings.zone,
        ));
        let shows = hash(&message);
        if !view.tasks.is_empty() && card.shows != shows {
            let deadline = Instant::now() + PATIENCE;
            match self
                .outbox
                .api
                .edit(chat, card.message, &message, Rank::Work, deadline)
                .await
            {
                Ok(()) => card.shows = shows,
                Err(ApiError::NoMessage) => return false,
                Err(ApiError::RetryAfter(_)) => return true,
                Err(error) => {
                    self.outbox.not_sent(chat, &error);
                    return true;
                }
            }
        }
        view.tasks
            .iter()
            .any(|task| matches!(task.state.as_str(), "issued" | "accepted" | "returned"))
    }

    /// Sends a message for which no notice had its turn.
    async fn post(
        &self,
        chat: i64,
        message: &RenderedMessage,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(i64, i32), ApiError> {
        self.outbox.api.turn(chat, rank, deadline).await?;
        self.outbox.api.place(chat, message, rank, deadline).await
    }
}
