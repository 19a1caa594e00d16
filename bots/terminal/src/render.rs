//! A card as a terminal shows it: no boxes, buttons with letters, colour only where it is wanted.
//!
//! Everything is laid out without colour first and coloured afterwards, so that colour never moves a
//! line break. It does not print and remembers nothing.

use picket_conversation::card::labelled;
use picket_conversation::layout::{width, wrap};
use picket_conversation::{Card, Severity, Tone};

/// The style of drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With colour codes.
    pub colour: bool,
    /// No line is wider.
    pub width: usize,
}

/// The labels in front of the buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// `[a]`, `[b]`: a number is always an answer, never a press.
    Letters,
    /// `[aa]`, `[bb]` from a letter on: buttons of a notice, beside those of what one is doing.
    Doubled(u8),
    /// Nothing: nobody presses.
    None,
}

impl Labels {
    /// The label of the nth button.
    pub fn of(self, n: usize) -> String {
        match self {
            Self::Letters if n < 26 => format!("[{}] ", letter(0, n)),
            // More buttons than letters: the number behind a `#` presses any of them.
            Self::Letters => format!("[#{}] ", n + 1),
            Self::Doubled(first) => format!("[{0}{0}] ", letter(first, n)),
            Self::None => String::new(),
        }
    }
}

/// The nth letter from a first one on, around the alphabet.
pub(crate) fn letter(first: u8, n: usize) -> char {
    char::from(b'a' + ((usize::from(first) + n) % 26) as u8)
}

/// Draws a card.
pub fn render(card: &Card, labels: Labels, style: Style) -> String {
    let paint = Paint(style.colour);
    let mut lines = Vec::new();
    for line in wrap(
        &format!("{} {}", card.severity.mark(), card.title),
        style.width,
    ) {
        lines.push(paint.with(&["1", severity_code(card.severity)], &line));
    }
    for (label, value) in &card.fields {
        for (n, line) in hang(&labelled(label, value), style.width)
            .into_iter()
            .enumerate()
        {
            let head = line.strip_prefix(label.as_str()).filter(|_| n == 0);
            lines.push(head.map_or_else(
                || line.clone(),
                |rest| format!("{}{rest}", paint.with(&["2"], label)),
            ));
        }
    }
    for line in &card.body {
        for text in hang(&line.text, style.width) {
            lines.push(match line.tone {
                Tone::Plain => text,
                Tone::Strong => paint.with(&["1"], &text),
                Tone::Faint => paint.with(&["2"], &text),
            });
        }
    }
    if !card.media.is_empty() {
        lines.push(format!("📷 {}", card.media.len()));
    }
    lines.extend(buttons(card, labels, style.width, paint));
    lines.join("\n")
}

fn buttons(card: &Card, labels: Labels, max: usize, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    let mut n = 0;
    for row in &card.actions {
        let (mut line, mut used) = (String::new(), 0);
        for action in row {
            let mark = labels.of(n);
            n += 1;
            let text = if mark.is_empty() {
                format!("[{}]", action.label)
            } else {
                action.label.clone()
            };
            let text = picket_conversation::layout::cut(&text, max.saturating_sub(width(&mark)));
            let wide = width(&mark) + width(&text);
            if used > 0 && used + 2 + wide > max {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push_str("  ");
                used += 2;
            }
            line.push_str(&paint.with(&["36"], &mark));
            line.push_str(&text);
            used += wide;
        }
        lines.push(line);
    }
    lines
}

/// Wraps a text; what goes on is indented, so that one sees where the next begins.
fn hang(text: &str, max: usize) -> Vec<String> {
    let whole = wrap(text, max);
    if whole.len() < 2 || max < 12 {
        return whole;
    }
    let first = whole[0].clone();
    let rest = text
        .strip_prefix(first.as_str())
        .unwrap_or_default()
        .trim_start();
    let mut lines = vec![first];
    lines.extend(
        wrap(rest, max - 2)
            .into_iter()
            .map(|line| format!("  {line}")),
    );
    lines
}

fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Quiet => "0",
        Severity::New => "34",
        Severity::Good => "32",
        Severity::Soon => "33",
        Severity::Late => "31",
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(crate) fn with(self, codes: &[&str], text: &str) -> String {
        let codes: Vec<_> = codes.iter().copied().filter(|code| *code != "0").collect();
        if !self.0 || text.is_empty() || codes.is_empty() {
            text.to_owned()
        } else {
            format!("\u{1b}[{}m{text}\u{1b}[0m", codes.join(";"))
        }
    }
}

#[cfg(test)]
mod tests {
    use picket_conversation::{Action, IntentVerb};

    use super::*;

    const PLAIN: Style = Style {
        colour: false,
        width: 40,
    };

    fn card() -> Card {
        Card::new("k", Severity::Late, "整改通知 Z-318")
            .field("责任：", "区教育局")
            .field("Due:", "today")
            .strong("请尽快")
            .row([
                Action::of("✋ 我来接", IntentVerb::Accept, "T-1"),
                Action::of("🚫 不方便", IntentVerb::Decline, "T-1"),
            ])
            .row([Action::of("📜 全过程", IntentVerb::Timeline, "T-1")])
    }

    #[test]
    fn buttons_have_letters_through_all_rows() {
        assert_eq!(
            render(&card(), Labels::Letters, PLAIN),
            "🟥 整改通知 Z-318\n责任：区教育局\nDue: today\n请尽快\n[a] ✋ 我来接  [b] 🚫 不方便\n[c] 📜 全过程"
        );
    }

    #[test]
    fn without_colour_there_is_no_colour_code() {
        assert!(!render(&card(), Labels::Letters, PLAIN).contains('\u{1b}'));
        assert!(
            render(
                &card(),
                Labels::Letters,
                Style {
                    colour: true,
                    width: 40
                }
            )
            .contains("\u{1b}[1;31m")
        );
    }

    #[test]
    fn colour_never_moves_a_line() {
        let strip = |text: &str| {
            let mut out = String::new();
            let mut inside = false;
            for c in text.chars() {
                match c {
                    '\u{1b}' => inside = true,
                    'm' if inside => inside = false,
                    _ if inside => {}
                    c => out.push(c),
                }
            }
            out
        };
        for width in 12..60 {
            assert_eq!(
                strip(&render(
                    &card(),
                    Labels::Letters,
                    Style {
                        colour: true,
                        width
                    }
                )),
                render(
                    &card(),
                    Labels::Letters,
                    Style {
                        colour: false,
                        width
                    }
                )
            );
        }
    }

    #[test]
    fn no_line_is_wider_than_the_screen() {
        let long = card().line("这是一段很长的说明，用来确认每一行都不会超出屏幕的宽度 even with some English words in between");
        for max in 14..70 {
            for line in render(
                &long,
                Labels::Letters,
                Style {
                    colour: false,
                    width: max,
                },
            )
            .lines()
            {
                assert!(width(line) <= max, "{max}: {line}");
            }
        }
    }

    #[test]
    fn a_row_of_buttons_too_wide_is_broken_between_buttons() {
        let text = render(
            &card(),
            Labels::Letters,
            Style {
                colour: false,
                width: 20,
            },
        );
        assert!(text.contains("[a] ✋ 我来接\n[b] 🚫 不方便"), "{text}");
    }

    #[test]
    fn the_buttons_of_a_notice_have_letters_of_their_own() {
        assert!(
            render(&card(), Labels::Doubled(2), PLAIN).contains("[cc] ✋ 我来接  [dd] 🚫 不方便")
        );
        assert_eq!(
            (
                Labels::Doubled(25).of(1),
                Labels::Letters.of(25),
                Labels::Letters.of(26)
            ),
            ("[aa] ".to_owned(), "[z] ".to_owned(), "[#27] ".to_owned())
        );
    }

    #[test]
    fn what_goes_on_is_indented() {
        let text = render(
            &Card::new("k", Severity::Quiet, "t").line("责任单位是区教育局和市场监管局"),
            Labels::None,
            Style {
                colour: false,
                width: 16,
            },
        );
        assert_eq!(text, "⬜ t\n责任单位是区教育\n  局和市场监管局");
    }
}
