//! What a person sent and what insight answers become commands and cards.
