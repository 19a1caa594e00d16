//! Token of the bot: a secret that stays out of every log and every error.
//!
//! Possession of it is being the bot. It is printed nowhere: [`Token`] shows itself as stars, and every text
//! that comes from a library or from the platform passes [`Token::scrub`] before anybody sees it.

use std::fmt;

/// Token of a bot, `<number>:<secret>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Error of a text that is no token; it does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a bot's token: a token looks like `<number>:<35 letters and digits>`")]
pub struct InvalidToken;

impl Token {
    /// Parses a token.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let text = text.trim();
        let (number, secret) = text.split_once(':').ok_or(InvalidToken)?;
        let number_is_one =
            !number.is_empty() && number.len() <= 20 && number.bytes().all(|b| b.is_ascii_digit());
        let secret_is_one = (20..=100).contains(&secret.len())
            && secret
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if number_is_one && secret_is_one {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidToken)
        }
    }

    /// Text of the token, for the address of a call and for nothing else.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// Redacts the token, and its secret half, in a text.
    pub fn scrub(&self, text: &str) -> String {
        let half = self
            .0
            .split_once(':')
            .map_or(self.0.as_str(), |(_, half)| half);
        text.replace(&self.0, "***").replace(half, "***")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "7000000001:AAcanary-canary_canary-canary_canary";

    #[test]
    fn a_token_shows_itself_as_stars() {
        let token = Token::parse(CANARY).expect("a token");
        assert_eq!(format!("{token:?}"), "Token(***)");
    }

    #[test]
    fn a_token_and_its_secret_half_are_taken_out_of_any_text() {
        let token = Token::parse(&format!(" {CANARY}\n")).expect("a token");
        let text = token.scrub(&format!(
            "GET /bot{CANARY}/getMe and AAcanary-canary_canary-canary_canary again"
        ));
        assert_eq!(text, "GET /bot***/getMe and *** again");
    }

    #[test]
    fn what_is_no_token_is_refused_without_repeating_it() {
        for bad in [
            "",
            "7000000001",
            ":AAcanary-canary_canary-canary",
            "x1:AAcanary-canary_canary-canary",
            "1:short",
            "1:AAcanary canary_canary-canary",
            "1:AAcanary/canary_canary-canary",
        ] {
            let refused = Token::parse(bad).expect_err(bad).to_string();
            assert!(bad.len() < 8 || !refused.contains(bad), "{refused}");
        }
    }
}
