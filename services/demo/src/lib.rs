//! The demo: a year replayed silently, then one story told slowly.
//!
//! The year is the scenario compiled into the binary; the story goes on from its last day, through the same
//! books on the same journal, in a folder that other commands can open afterwards.
//! Without a terminal nothing waits and nothing is coloured. What is said stands in `words.rs`. It does not know a
//! command line.

mod case;
mod halt;
mod progress;
mod screen;
mod sheet;
mod stage;
mod tell;
mod words;
mod year;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use halt::Halt;
use jiff::tz::TimeZone;
use picket_conversation::Language;
use picket_node::folder::{Folder, Owned};
use picket_node::problem::{Exit, Failure};
use screen::Screen;
use stage::DemoStage;
use words::DemoWords;

/// Seconds between lines where people watch.
const PACE: f64 = 1.2;
/// How long an interrupted story may take to leave the screen.
const LEAVING: Duration = Duration::from_millis(1_500);
/// The exit code by which a shell knows a command that was interrupted.
const INTERRUPTED: u8 = 130;

/// The settings of the story.
#[derive(Clone, Debug)]
pub struct DemoSettings {
    /// A new folder, in which it happens.
    pub folder: Folder,
    /// The zone of the times that are shown.
    pub zone: TimeZone,
    /// Seconds between lines; where nobody says, it depends on whether people watch.
    pub pace: Option<f64>,
    /// It waits for Enter after each scene.
    pub step: bool,
    /// The language of cards and bulletin.
    pub language: Language,
}

/// Tells it.
pub async fn run(telling: DemoSettings) -> Result<ExitCode, Failure> {
    let owned = telling.folder.own()?;
    let path = owned.folder.path().to_owned();
    let words = DemoWords(telling.language);
    let watched = std::io::stdout().is_terminal();
    let pace = telling
        .pace
        .filter(|pace| pace.is_finite())
        .unwrap_or(if watched { PACE } else { 0.0 })
        .clamp(0.0, 60.0);
    let stopped = Arc::new(AtomicBool::new(false));
    let screen = Screen::new(
        Box::new(std::io::stdout()),
        watched,
        pace,
        telling.step,
        words,
        telling.zone,
        stopped.clone(),
    );
    let runtime = tokio::runtime::Handle::current();
    // A thread of its own: the replay never waits, so nothing beside it on the same one would ever run.
    let told = stopped.clone();
    let mut play = tokio::task::spawn_blocking(move || {
        runtime.block_on(Box::pin(play(owned, screen, words, &told)))
    });
    tokio::select! {
        ended = &mut play => match ended.map_err(|_| Failure::new(Exit::Unknown, "the demo broke off", "Start it again; the folder can be deleted."))? {
            Ok(()) | Err(Halt::Stopped) => Ok(ExitCode::SUCCESS),
            Err(Halt::Failed(failure)) => Err(failure),
        },
        Ok(()) = tokio::signal::ctrl_c() => {
            stopped.store(true, Ordering::SeqCst);
            // It leaves at the next wish or line; whatever it says of that is of no interest.
            drop(tokio::time::timeout(LEAVING, play).await);
            eprintln!("\n{}", words.interrupted(path.display()));
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

async fn play(
    owned: Owned,
    mut screen: Screen,
    words: DemoWords,
    stopped: &AtomicBool,
) -> Result<(), Halt> {
    screen.title(&words.title(), &words.source())?;
    let year = year::replay(&owned, words, stopped).await?;
    screen.plain(&words.replayed(
        year.commits,
        year.outcome.figures.get("leads"),
        year.seconds,
    ))?;
    screen.plain(&if year.outcome.ok() {
        words.totals_hold()
    } else {
        words.totals_missed(year.outcome.misses.len())
    })?;
    let year::Year {
        scenario,
        outcome,
        journal,
        projection,
        ..
    } = year;
    let (bulletin, ended) = (outcome.bulletin, outcome.ended);
    let mut stage = DemoStage::open(
        journal.clone(),
        &scenario,
        screen,
        words,
        outcome.insight,
        ended,
    )
    .await?;
    let told = sheet::tell(&mut stage).await?;
    let case = case::tell(&mut stage, &told).await?;
    stage.bulletin(&bulletin, &scenario.manifest).await?;
    let mut screen = stage.close().await;
    year::finish(&owned, journal, projection).await?;
    screen.rule()?;
    let (shown, flag) = (owned.folder.path().display(), words.flag());
    screen.plain(&words.folder())?;
    screen.command(&shown.to_string())?;
    screen.plain(&words.now_try())?;
    for command in [
        format!(
            "picket ask --data {shown} timeline {}/{case}",
            stage::COUNTY
        ),
        format!(
            "picket chat --data {shown} --as {}/{}{flag}",
            stage::COUNTY,
            sheet::SENTINEL
        ),
        format!("picket bulletin --data {shown} {}{flag}", bulletin.bulletin),
    ] {
        screen.command(&command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0
                .lock()
                .expect("nobody panics while writing")
                .write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    async fn told(lang: Language) -> String {
        let place = tempfile::tempdir().expect("a folder");
        let owned = Folder::at(place.path().join("data"))
            .own()
            .expect("it is new");
        let (paper, words) = (Paper::default(), DemoWords(lang));
        let zone = TimeZone::get("Asia/Shanghai").expect("a known zone");
        let screen = Screen::new(
            Box::new(paper.clone()),
            false,
            0.0,
            false,
            words,
            zone,
            Arc::default(),
        );
        let stopped = AtomicBool::new(false);
        if let Err(Halt::Failed(failure)) = Box::pin(play(owned, screen, words, &stopped)).await {
            panic!("{}: {}", failure.problem.title, failure.problem.hint);
        }
        let bytes = paper.0.lock().expect("nobody panics while writing").clone();
        String::from_utf8(bytes)
            .expect("text")
            .replace(&place.path().display().to_string(), "DIR")
    }

    #[tokio::test]
    async fn the_story_is_told_to_its_end_in_plain_lines_of_eighty_columns() {
        let text = told(Language::Zh).await;
        assert!(!text.contains('\x1b'), "no colour without a terminal");
        for line in text.lines() {
            assert!(picket_terminal::width(line) <= 80, "{line}");
        }
        for part in [
            "第 14 幕",
            "提醒 哨兵17号、哨兵18号",
            "B1 催办",
            "B2 催办",
            "不计：12-30、12-31、01-06、01-07 周末；01-01 法定节假日",
            "系统不收",
            "您发现的问题已整改",
            "1198余人次",
            "单条记录为生成数据",
            "picket bulletin --data DIR/data BU-",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[tokio::test]
    async fn the_story_is_the_same_in_english() {
        let text = told(Language::En).await;
        for part in [
            "Scene 14",
            "reminds sentinel 17, sentinel 18",
            "step B2",
            "public holiday 01-01",
            "Refused",
            "what you found is in order",
            "single records are generated",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
