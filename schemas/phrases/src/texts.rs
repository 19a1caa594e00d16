//! The texts of a language: a Fluent message by its key, with the values it names.
//!
//! Both languages are compiled in. Everything that people see comes from here, except what people and imports wrote.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

/// The files of one language, in the order a translator reads them.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../locales/", $language, "/words.ftl")),
            include_str!(concat!("../locales/", $language, "/cards.ftl")),
            include_str!(concat!("../locales/", $language, "/forms.ftl")),
            include_str!(concat!("../locales/", $language, "/answers.ftl")),
            include_str!(concat!("../locales/", $language, "/acts.ftl")),
            include_str!(concat!("../locales/", $language, "/told.ftl")),
            include_str!(concat!("../locales/", $language, "/timeline.ftl")),
            include_str!(concat!("../locales/", $language, "/bulletin.ftl")),
            include_str!(concat!("../locales/", $language, "/demo.ftl")),
            include_str!(concat!("../locales/", $language, "/chat.ftl")),
        ]
    };
}

/// A language Picket speaks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl Language {
    /// Reads `zh`, `en`, `中文`, `english`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "zh" | "zh-cn" | "中文" | "chinese" => Some(Self::Zh),
            "en" | "en-us" | "english" | "英文" => Some(Self::En),
            _ => None,
        }
    }

    /// The two letters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// The texts of one language.
pub struct Texts {
    /// The language.
    pub language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of a language.
    pub fn of(language: Language) -> &'static Self {
        static ZH: LazyLock<Texts> = LazyLock::new(|| Texts::load(Language::Zh, &files!("zh")));
        static EN: LazyLock<Texts> = LazyLock::new(|| Texts::load(Language::En, &files!("en")));
        match language {
            Language::Zh => &ZH,
            Language::En => &EN,
        }
    }

    fn load(language: Language, files: &[&'static str]) -> Self {
        let id: LanguageIdentifier = language
            .as_str()
            .parse()
            .expect("a language has a well-formed name");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks that isolate directions would show as boxes in a terminal, and nothing here is written right to left.
        bundle.set_use_isolating(false);
        for file in files {
            let resource = FluentResource::try_new((*file).to_owned())
                .unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// True if there is such a text.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A text.
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text with something in it.
    pub fn with(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        self.format(key, Some(&args))
    }

    /// The word for a value of a kind, such as `state` `issued`; the value itself where there is no word.
    pub fn word(&self, kind: &str, value: &str) -> String {
        let key = format!("{kind}-{}", value.replace('.', "-"));
        if self.has(&key) {
            self.say(&key)
        } else {
            value.to_owned()
        }
    }

    /// A refusal as a kind sentence; what was tried is said in plain words, the frequent refusals in this language.
    pub fn refusal(&self, problem: &picket_schemas::Problem, title: String) -> String {
        let key = format!("problem-{}", problem.code);
        if !self.has(&key) {
            return title;
        }
        let act = if problem.act.is_empty() {
            self.say("act-any")
        } else {
            self.word("act", &problem.act)
        };
        self.with(&key, &[("title", title.into()), ("act", act.into())])
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self
            .bundle
            .get_message(key)
            .and_then(|message| message.value())
        else {
            return key.to_owned();
        };
        // A missing value shows as its name; the tests hold every text against its values.
        self.bundle
            .format_pattern(pattern, args, &mut Vec::new())
            .into_owned()
    }
}
