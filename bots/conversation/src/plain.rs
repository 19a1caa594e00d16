//! Plain text: whatever people wrote, made safe to lay out.
//!
//! Every text that a person typed passes here before it reaches a card: control characters, marks
//! that turn the writing direction and invisible characters go, line breaks become spaces, and the
//! rest is cut before the layout sees it. It does not know any platform's markup.

/// Returns `text` on one line, without control, direction and invisible characters, at most `max` long.
pub fn plain(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max * 4));
    let (mut count, mut gap) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') {
            gap = count > 0;
            continue;
        }
        if c.is_control() || is_invisible(c) {
            continue;
        }
        if gap {
            out.push(' ');
            count += 1;
            gap = false;
        }
        if count >= max {
            out.push('…');
            break;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// Characters that show nothing but change how their neighbours are shown. The joiner of emoji stays.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_turn_the_line_around() {
        assert_eq!(plain("幸福里\u{202e}gnp.exe\u{2066}", 40), "幸福里gnp.exe");
    }

    #[test]
    fn line_breaks_and_tabs_become_one_space() {
        assert_eq!(plain("  a\n\n\tb \r\n", 40), "a b");
    }

    #[test]
    fn terminal_codes_lose_their_escape() {
        assert_eq!(plain("\u{1b}[2Jhidden\u{7}\u{9b}31m", 40), "[2Jhidden31m");
    }

    #[test]
    fn a_long_text_is_cut_before_the_layout_sees_it() {
        assert_eq!(plain("一二三四五", 3), "一二三…");
        assert_eq!(plain("一二三", 3), "一二三");
    }

    #[test]
    fn joined_emoji_stay_whole() {
        assert_eq!(plain("👩\u{200d}🏫", 10), "👩\u{200d}🏫");
    }
}
