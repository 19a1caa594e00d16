//! `picket chat`: a person's phone in this terminal.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use parking_lot::Mutex;
use picket_bus::Client;
use picket_node::ids::now;
use picket_node::problem::{Exit, Failure};
use picket_node::socket::SocketBus;

use crate::cli::{ChatArgs, Lang};
use crate::reach::Reach;
use crate::settings::CliSettings;

/// Runs it.
pub async fn run(settings: &CliSettings, args: ChatArgs) -> Result<ExitCode, Failure> {
    let reach = Reach::open(
        settings,
        &["dispatch", "rectification", "escalation", "registry"],
    )
    .await?;
    if !reach.running() {
        eprintln!(
            "picket: nothing keeps this folder awake, so no notice will come; `picket up` does"
        );
    }
    crate::warnings::warn(&reach, None).await;
    let person = match reach.person(settings, &args.person).await {
        Ok(person) => person,
        Err(failure) => {
            reach.close().await;
            return Err(failure);
        }
    };
    let language = args.lang.map(|lang| match lang {
        Lang::Zh => picket_conversation::Language::Zh,
        Lang::En => picket_conversation::Language::En,
    });
    // A process with a fast clock lives at another time than the machine: keep the difference.
    let pace = Arc::new(Mutex::new(
        ClockPace::measure(&reach.client(), reach.now().await).await,
    ));
    let reconnect = reach
        .running()
        .then(|| way_back(settings.folder.socket(), pace.clone()));
    let options = picket_terminal::PhoneOptions {
        language,
        zone: settings.zone.clone(),
        colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        width: crate::show::width(),
        clock: Arc::new(move || pace.lock().now()),
        photos: Some(settings.folder.blobs()),
        reconnect,
    };
    let ended = match picket_terminal::Keyboard::open() {
        Ok(keyboard) => picket_terminal::phone(reach.client(), person, options, keyboard).await,
        Err(why) => Err(why),
    };
    reach.close().await;
    ended.map_err(|why| {
        Failure::new(
            Exit::Unknown,
            why.to_string(),
            "Open the chat again; everything you entered is on record.",
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The way to a process that was started anew on this folder; its clock is measured again.
fn way_back(socket: std::path::PathBuf, pace: Arc<Mutex<ClockPace>>) -> picket_terminal::Reconnect {
    Arc::new(move || {
        let (socket, pace) = (socket.clone(), pace.clone());
        Box::pin(async move {
            let client = Client::new(Arc::new(SocketBus::connect(&socket).await.ok()?));
            let there = picket_node::admin::clock::of(&client).await?.now;
            let measured = ClockPace::measure(&client, there).await;
            *pace.lock() = measured;
            Some(client)
        })
    })
}

/// The pace of the other side's clock, measured twice, so that a faster one can be followed.
struct ClockPace {
    first: Option<(jiff::Timestamp, jiff::Timestamp)>,
    factor: f64,
}

impl ClockPace {
    /// Looks twice; where nobody answers, the clock is the machine's with `otherwise` as the present.
    async fn measure(client: &Client, otherwise: jiff::Timestamp) -> Self {
        let look = async || {
            picket_node::admin::clock::of(client)
                .await
                .map(|clock| (now(), clock.now))
        };
        let Some(first) = look().await else {
            return Self {
                first: Some((now(), otherwise)),
                factor: 1.0,
            };
        };
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let Some(second) = look().await else {
            return Self {
                first: None,
                factor: 1.0,
            };
        };
        let here = second.0.duration_since(first.0).as_secs_f64();
        let there = second.1.duration_since(first.1).as_secs_f64();
        let factor = if here > 0.0 && there / here > 1.5 {
            there / here
        } else {
            1.0
        };
        Self {
            first: Some(second),
            factor,
        }
    }

    fn now(&self) -> jiff::Timestamp {
        let here = now();
        match self.first {
            Some((then, there)) => {
                let passed = here.duration_since(then).as_secs_f64() * self.factor;
                there + jiff::SignedDuration::from_millis((passed * 1_000.0) as i64)
            }
            None => here,
        }
    }
}

#[cfg(test)]
mod tests;
