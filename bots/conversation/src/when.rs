//! Instants as people say them: `今天 17:00（还剩 2 小时 10 分）`, and the other way round.
//!
//! Every time a person sees is local and, where it is a deadline, also relative. It does not know the
//! working calendar: what is left is counted by the clock, in days, hours and minutes.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span as Length, Timestamp};
use picket_schemas::{Span, Unit};

use picket_phrases::{Language, Texts};

/// The present and the zone, which it takes to say an instant.
#[derive(Clone, Copy)]
pub struct LocalTime<'a> {
    /// The present.
    pub now: Timestamp,
    /// The zone people live in.
    pub zone: &'a TimeZone,
    /// The language.
    pub words: &'static Texts,
}

impl LocalTime<'_> {
    fn local(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }

    /// `今天 17:00`, `明天 08:30`, `10-09 17:00`, `2027-10-09 17:00`.
    pub fn moment(&self, at: Timestamp) -> String {
        let at = self.local(at);
        format!("{} {}", self.day(at.date()), clock(at.time()))
    }

    /// The same for the end of a day, which is said as 24:00 of that day.
    pub fn end(&self, at: Timestamp) -> String {
        let local = self.local(at);
        if local.time() != Time::midnight() {
            return self.moment(at);
        }
        let last = local.date().yesterday().unwrap_or(local.date());
        format!("{} 24:00", self.day(last))
    }

    /// `08:57`.
    pub fn time(&self, at: Timestamp) -> String {
        clock(self.local(at).time())
    }

    /// `今天`, `明天`, `昨天`, `10-09`.
    pub fn day(&self, day: Date) -> String {
        let today = self.local(self.now).date();
        let days = day.since(today).map_or(i32::MAX, |span| span.get_days());
        match days {
            0 => self.words.say("day-today"),
            1 => self.words.say("day-tomorrow"),
            -1 => self.words.say("day-yesterday"),
            _ if day.year() == today.year() => format!("{:02}-{:02}", day.month(), day.day()),
            _ => format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
        }
    }

    /// `还剩 2 小时 10 分`, `已超 1 天 3 小时`.
    pub fn left(&self, due: Timestamp) -> String {
        let seconds = due.as_second() - self.now.as_second();
        let length = self.length(seconds.unsigned_abs());
        // Due is past from its very instant on.
        if seconds > 0 {
            self.words.with("left", &[("length", length.into())])
        } else {
            self.words.with("over", &[("length", length.into())])
        }
    }

    /// `今天 17:00（还剩 2 小时 10 分）`.
    pub fn due(&self, due: Timestamp) -> String {
        self.words.with(
            "due",
            &[
                ("at", self.end(due).into()),
                ("left", self.left(due).into()),
            ],
        )
    }

    /// A length of time, in its two largest units.
    pub fn length(&self, seconds: u64) -> String {
        let (days, hours, minutes) = (
            seconds / 86_400,
            seconds % 86_400 / 3_600,
            seconds % 3_600 / 60,
        );
        let unit = |key: &str, n: u64| self.words.with(key, &[("n", n.into())]);
        let parts = match (days, hours, minutes) {
            (0, 0, 0) => return self.words.say("length-moment"),
            (0, 0, minutes) => vec![unit("length-minutes", minutes)],
            (0, hours, minutes) => vec![(hours, "length-hours"), (minutes, "length-minutes")]
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, key)| unit(key, n))
                .collect(),
            (days, hours, _) => vec![(days, "length-days"), (hours, "length-hours")]
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, key)| unit(key, n))
                .collect(),
        };
        parts.join(" ")
    }

    /// A span: `5 个工作日`.
    pub fn span(&self, span: Span) -> String {
        let key = match span.unit {
            Unit::WorkingDay => "span-working-days",
            Unit::NaturalDay => "span-natural-days",
            Unit::RolledDay => "span-rolled-days",
            Unit::WorkingHour => "span-working-hours",
            Unit::UrgentHour => "span-hours",
        };
        self.words.with(key, &[("n", span.amount.into())])
    }

    /// Reads an instant a person typed: `今天17:00`, `明天 9:30`, `17:00`, `10-09 17:00`, `2小时`, `+90m`.
    pub fn parse(&self, text: &str) -> Option<Timestamp> {
        let text = text
            .trim()
            .to_lowercase()
            .replace('：', ":")
            .replace(['点', '時', '时'], ":00")
            .replace("小:00", "小时");
        if let Some(later) = self.later(&text) {
            return Some(later);
        }
        let now = self.local(self.now);
        let after = |word: &str| text.strip_prefix(word).map(str::trim);
        let (date, time) = if let Some(rest) = after("今天").or_else(|| after("today")) {
            (now.date(), rest)
        } else if let Some(rest) = after("明天").or_else(|| after("tomorrow")) {
            (now.date().tomorrow().ok()?, rest)
        } else if let Some(rest) = after("后天") {
            (now.date().tomorrow().ok()?.tomorrow().ok()?, rest)
        } else if let Some((date, time)) = text.split_once([' ', 't']) {
            (parse_date(date, now.date())?, time.trim())
        } else if text.contains(':') {
            (now.date(), text.as_str())
        } else {
            (parse_date(&text, now.date())?, "")
        };
        let time = if time.is_empty() {
            Time::constant(17, 30, 0, 0)
        } else {
            parse_time(time)?
        };
        self.zone.to_timestamp(date.to_datetime(time)).ok()
    }

    fn later(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim_start_matches('+').trim();
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let amount: i64 = text[..digits].parse().ok().filter(|n| *n <= 1_000)?;
        let length = match text[digits..].trim() {
            "小时" | "个小时" | "h" | "hour" | "hours" => Length::new().hours(amount),
            "分钟" | "分" | "m" | "min" | "minutes" => Length::new().minutes(amount),
            "天" | "d" | "day" | "days" => Length::new().hours(amount * 24),
            _ => return None,
        };
        self.now.checked_add(length).ok()
    }

    /// A day a person typed.
    pub fn parse_day(&self, text: &str) -> Option<Date> {
        let today = self.local(self.now).date();
        match text.trim().to_lowercase().as_str() {
            "今天" | "today" => Some(today),
            "明天" | "tomorrow" => today.tomorrow().ok(),
            "后天" => today.tomorrow().ok()?.tomorrow().ok(),
            other => parse_date(other, today),
        }
    }

    /// An instant some days from today at a local time.
    pub fn on(&self, days: i64, hour: i8, minute: i8) -> Option<Timestamp> {
        let date = self
            .local(self.now)
            .date()
            .checked_add(Length::new().days(days))
            .ok()?;
        self.zone.to_timestamp(date.at(hour, minute, 0, 0)).ok()
    }

    /// The language it is said in.
    pub fn language(&self) -> Language {
        self.words.language
    }
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn parse_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let minute = minute.trim_end_matches(":00");
    Time::new(hour.trim().parse().ok()?, minute.trim().parse().ok()?, 0, 0).ok()
}

fn parse_date(text: &str, today: Date) -> Option<Date> {
    let text = text
        .replace(['/', '月', '年'], "-")
        .replace(['日', '号'], "");
    let parts: Vec<i16> = text
        .split('-')
        .map(|part| part.trim().parse().ok())
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [year, month, day] => {
            Date::new(*year, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()
        }
        [month, day] => {
            let date = Date::new(
                today.year(),
                i8::try_from(*month).ok()?,
                i8::try_from(*day).ok()?,
            )
            .ok()?;
            // In December `01-05` means the coming January.
            if date < today {
                Date::new(today.year() + 1, date.month(), date.day()).ok()
            } else {
                Some(date)
            }
        }
        _ => None,
    }
}

/// Reads a span a person typed: `5`, `5 工作日`, `10天`, `2小时`, `5wd`. A bare number means working days.
pub fn parse_span(text: &str) -> Option<Span> {
    let text = text.trim().to_lowercase();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let amount: u32 = text[..digits]
        .parse()
        .ok()
        .filter(|n| (1..=366).contains(n))?;
    let unit = match text[digits..].trim().trim_start_matches('个') {
        "" | "工作日" => Unit::WorkingDay,
        "天" | "日" | "自然日" => Unit::NaturalDay,
        "小时" => Unit::UrgentHour,
        "工作小时" | "工时" => Unit::WorkingHour,
        other => other.parse().ok()?,
    };
    Some(Span::new(amount, unit))
}

/// Reads an amount of money a person typed into fen: `1703480.00`, `500 元`, `￥1,200.5`, `3万`.
pub fn parse_fen(text: &str) -> Option<u64> {
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | '，' | ' ' | '￥' | '¥'))
        .collect();
    let text = text.trim_end_matches('元').trim_end_matches("yuan");
    let (text, scale) = text
        .strip_suffix('万')
        .map_or((text, 1), |text| (text, 10_000));
    let (yuan, cents) = text.split_once('.').unwrap_or((text, ""));
    if yuan.is_empty()
        || cents.len() > 2
        || !yuan
            .bytes()
            .chain(cents.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let cents: u64 = format!("{cents:0<2}").parse().ok()?;
    yuan.parse::<u64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)?
        .checked_mul(scale)
}

/// Fen as yuan: `1,703,480.00`.
pub fn yuan(fen: i64) -> String {
    let digits = (fen.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!(
        "{}{grouped}.{:02}",
        if fen < 0 { "-" } else { "" },
        fen.unsigned_abs() % 100
    )
}

#[cfg(test)]
mod tests;
