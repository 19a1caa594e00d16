//! The command line: words, and help that teaches by example.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use picket_bench::args::BenchArgs;
use picket_node::clustered::settings::ClusterArgs;

const AFTER: &str = "\
Start here:
  picket demo                     watch a county's year, then one story, in chat
  picket example my-county        write a small county to edit
  picket up --data my-data        keep a data folder awake

Exit codes: 0 done · 1 refused or missed · 2 wrong words or files · 3 busy ·
4 disk or store · 5 not known whether it was done";

const IMPORT: &str = "\
KIND is the name of a table: areas departments posts people institutions owners
routes schedules calendar. With a folder instead of KIND FILE, every file there
is imported in the right order.

Examples:
  picket import my-county --yes
  picket import people my-county/people.csv
  picket import calendar calendar-2027.csv --yes

Every row is checked before the first is written. Without --yes it shows what it
would do and asks; without a terminal and --yes it writes nothing and exits 2.
`picket import --help` shows the columns of every table.";

const DO: &str = "\
Examples:
  picket do dispatch.accept_task --as P-0017 task=T-2041
  picket do dispatch.fill_row --as P-0017 task=T-1 row=I-3 outcome=problem
  picket do rectification.issue_order --as P-0031 case=C-1 focus=… deadline=10wd
  picket do --as P-0002 --command '{\"do\":\"dispatch.issue_batch\",\"name\":\"…\"}'

A field is name=value; a list is a;b; a length of time is 5wd, 7nd or 2uh (working
days, natural days, urgent hours); select.area=… fills a field within a field.
`picket do` without a command lists them all with their fields, as --help does;
`picket do dispatch.fill_row --help` shows one of them, --schema as JSON Schema.";

const ASK: &str = "\
Examples:
  picket ask inbox --as P-0017  what waits for somebody, as that person sees it
  picket ask task T-2041
  picket ask case C-1           picket ask timeline C-1
  picket ask overdue            picket ask board
  picket ask figures from=2026-01-01 as_of=2026-11-22
  picket ask institution I-0003
Questions: inbox person task batch board lead case order timeline overdue
institution figures schedules notices deliveries people readings
`picket ask --help` names the keys of every JSON answer.";

/// Picket (哨点): territorial enforcement as a loop that does not leak.
#[derive(Debug, Parser)]
#[command(name = "picket", version, after_help = AFTER, max_term_width = 80, disable_help_subcommand = true)]
pub struct Cli {
    /// The data folder [default: ./picket-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print JSON where output is data
    #[arg(long, global = true)]
    pub json: bool,
    /// The jurisdiction meant [default: the topmost]
    #[arg(long = "in", global = true, value_name = "CODE")]
    pub within: Option<String>,
    /// What to do
    #[command(subcommand)]
    pub verb: CliCommand,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Replay a year silently, then tell one story slowly
    Demo(DemoArgs),
    /// Keep a data folder awake: schedules, deadlines, notices
    Up(UpArgs),
    /// Keep a part of the books on NATS and Redis, one process of many
    Serve(ServeArgs),
    /// Check a CSV file, show what it would do, write it
    Import(ImportArgs),
    /// Wish something: one command to one book
    Do(WishArgs),
    /// Ask something: inbox, task, case, timeline, figures …
    Ask(AskArgs),
    /// A person's phone in this terminal
    Chat(ChatArgs),
    /// Freeze, list or print a bulletin
    Bulletin(BulletinArgs),
    /// Replay a scenario folder and check what it expects
    Replay(ReplayArgs),
    /// Write a complete small county to edit
    Example(ExampleArgs),
    /// Walk every journal and name the first bad place
    Verify(VerifyArgs),
    /// Measure, beside the raw store
    Bench(BenchArgs),
    /// Who reads whom, who says what; with --live, who keeps what now
    Map(MapArgs),
    /// Make a cluster ready: check the servers, make the journal's stream
    Doctor(DoctorArgs),
    /// Make the keys by which NATS knows each service
    Keys(KeysArgs),
    /// Look at the clock of a running Picket, or let its bells ring again
    Clock(ClockArgs),
}

/// The language people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

/// `picket demo`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  picket demo\n  picket demo --lang en --step\n  picket demo --pace 0 </dev/null"
)]
pub struct DemoArgs {
    /// Seconds between lines of the story [default: 1.2 on a terminal, 0 without]
    #[arg(long, value_name = "SECONDS")]
    pub pace: Option<f64>,
    /// Wait for Enter after each scene
    #[arg(long)]
    pub step: bool,
    /// The language of cards and bulletin
    #[arg(long, value_enum, default_value = "zh")]
    pub lang: Lang,
}

/// How time runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum UpClock {
    /// As it does
    #[default]
    Real,
    /// A working day in about half a minute, to watch deadlines pass
    Fast,
}

/// Where a process of a cluster has its time from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ServeClock {
    /// From the machine
    #[default]
    Real,
    /// From whoever drives a test; refused unless PICKET_TEST=yes
    Driven,
}

/// `picket serve`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  picket serve --data node1 --redis redis://127.0.0.1:6379
  picket serve dispatch escalation --data node2 --redis redis://127.0.0.1:6379
Services: registry schedule dispatch rectification escalation bulletin courier
insight telegram; only when named: publish (events for other systems) and edge
(a socket for commands, no books). Start the same ones twice and each keeps half; stop one and
the other takes over. Every process needs a data folder of its own.")]
pub struct ServeArgs {
    /// The services to keep [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// This process's name, unlike any other's
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Serve /live, /ready and /metrics on this address
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<std::net::SocketAddr>,
    /// Print an invitation to Telegram for this person; may be said several times
    #[arg(long, value_name = "PERSON")]
    pub invite: Vec<String>,
    /// How many parts each service's books are spread over, the same in every process
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub shards: u32,
    /// Where time comes from
    #[arg(long, value_enum, default_value = "real")]
    pub clock: ServeClock,
    /// Where photos are kept, one folder for all processes [default: in the data folder]
    #[arg(long, env = "PICKET_BLOBS", value_name = "DIR")]
    pub blobs: Option<PathBuf>,
    /// Where NATS and Redis are
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// `picket up`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  picket up --data my-data\n  picket up --data my-data --clock fast\n\nOther commands with the same --data reach the running process by themselves.\nWith PICKET_TELEGRAM_TOKEN from BotFather, people work in Telegram too."
)]
pub struct UpArgs {
    /// Print an invitation to Telegram for this person; may be said several times
    #[arg(long, value_name = "PERSON")]
    pub invite: Vec<String>,
    /// How time runs
    #[arg(long, value_enum, default_value = "real")]
    pub clock: UpClock,
    /// With --clock fast: how many times as fast
    #[arg(long, default_value_t = 1_800, value_name = "TIMES")]
    pub factor: u32,
    /// With --clock fast: start at this instant [default: the last commit, or now]
    #[arg(long, value_name = "RFC3339")]
    pub from: Option<String>,
}

/// `picket import`
#[derive(Debug, Args)]
#[command(after_help = IMPORT, after_long_help = format!("{IMPORT}\n\n{}", crate::help::tables()))]
pub struct ImportArgs {
    /// A kind of table, or a folder
    pub what: String,
    /// The file, after a kind
    pub file: Option<PathBuf>,
    /// Write without asking
    #[arg(long)]
    pub yes: bool,
}

/// `picket do`
#[derive(Debug, Args)]
#[command(after_help = DO, after_long_help = format!("{DO}\n\n{}", crate::help::commands()), disable_help_flag = true)]
pub struct WishArgs {
    /// Print help; with a command, its fields and who may wish it
    #[arg(short = 'h', long)]
    pub help: bool,
    /// Print the JSON Schema of the command, or of all
    #[arg(long)]
    pub schema: bool,
    /// service.verb
    pub command: Option<String>,
    /// name=value …
    pub fields: Vec<String>,
    /// Who: a code or full id; `operator` for the owner of the folder
    #[arg(long = "as", value_name = "PERSON")]
    pub person: Option<String>,
    /// The whole command as JSON
    #[arg(long = "command", value_name = "JSON", conflicts_with = "command")]
    pub whole: Option<String>,
    /// The id of the wish; the same id twice is done once
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

/// `picket ask`
#[derive(Debug, Args)]
#[command(after_help = ASK, after_long_help = format!("{ASK}\n\n{}", crate::help::answers()))]
pub struct AskArgs {
    /// What to ask
    pub question: String,
    /// An id, or name=value …
    pub words: Vec<String>,
    /// Who looks, and whose inbox and notices [default: the owner of the folder]
    #[arg(long = "as", value_name = "PERSON")]
    pub person: Option<String>,
    /// As the owner: with what is still sealed; each such look is logged
    #[arg(long)]
    pub sealed: bool,
}

/// `picket chat`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  picket chat --as P-0017\n  printf '/inbox\\n1\\n' | picket chat --as P-0017\n\nNumbers press the buttons of the last card. /help lists what one may say."
)]
pub struct ChatArgs {
    /// Whose phone
    #[arg(long = "as", value_name = "PERSON")]
    pub person: String,
    /// The language of cards [default: the person's, else zh]
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

/// How totals are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PrintRounding {
    /// As they are
    #[default]
    Exact,
    /// Cut to two digits and said to be more: 470余, over 470
    Over,
}

/// `picket bulletin`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  picket bulletin                        print the latest
  picket bulletin --freeze '周报' --as P-0009
  picket bulletin --freeze 2026 --as P-0009 --print person_times=1198+
  picket bulletin BU-1 --lang en

A wording is 1198, 1198+ for more than 1198, or both languages with | between:
--print 'institutions=近500|nearly 500'. The exact figures are kept beside it.

JSON (--json): bulletin name jurisdiction jurisdiction_name from as_of rounding
approved corrects code_version · figures {KEY: exact} · areas {CODE: figures} ·
overrides {KEY: wording} · printed {zh, en: {KEY: as printed}} · names {CODE:
name} · text {zh, en}")]
pub struct BulletinArgs {
    /// Which one [default: the latest]
    pub bulletin: Option<String>,
    /// Freeze a new one with this name
    #[arg(long, value_name = "NAME")]
    pub freeze: Option<String>,
    /// Who freezes
    #[arg(long = "as", value_name = "PERSON")]
    pub person: Option<String>,
    /// With --freeze: how totals are printed
    #[arg(long, value_enum, default_value = "exact")]
    pub rounding: PrintRounding,
    /// With --freeze: word one figure otherwise; may be repeated
    #[arg(long, value_name = "FIGURE=WORDING", requires = "freeze")]
    pub print: Vec<String>,
    /// Its language
    #[arg(long, value_enum, default_value = "zh")]
    pub lang: Lang,
}

/// `picket replay`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  picket replay tests/scenarios/xiaogan --json\n  picket replay tests/scenarios/xiaogan --backend cluster\n\nExit 0 only if every expectation of the folder holds."
)]
pub struct ReplayArgs {
    /// The scenario folder
    pub folder: PathBuf,
    /// Also keep the journals in this data folder
    #[arg(long, value_name = "DIR", conflicts_with = "backend")]
    pub keep: Option<PathBuf>,
    /// Where the journals are meanwhile
    #[arg(long, value_enum, default_value = "embedded")]
    pub backend: Backend,
    /// Where NATS is, for a replay there
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// What keeps the journals of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// This process
    #[default]
    Embedded,
    /// A NATS server that keeps no other journal
    Cluster,
}

/// `picket example`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  picket example my-county\n  picket import my-county --data my-data --yes"
)]
pub struct ExampleArgs {
    /// Where to write it; must not exist or be empty
    pub folder: PathBuf,
}

/// `picket verify`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit 0 sound · 1 damaged · 2 could not tell\n\nExamples:\n  picket verify --data my-data\n  picket verify --data my-data --acks acks.txt"
)]
pub struct VerifyArgs {
    /// A file of acked command ids, one a line; each must be there once
    #[arg(long, value_name = "FILE")]
    pub acks: Option<PathBuf>,
    /// Let a book that waits for a person go on; a running Picket does it
    #[arg(long, value_name = "BOOK", conflicts_with = "acks")]
    pub unpark: Option<String>,
    /// With --unpark: pass the commit it stumbled over
    #[arg(long, requires = "unpark")]
    pub skip: bool,
}

/// `picket map`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  picket map\n  picket map --live --nats nats://127.0.0.1:4222\n\nWith --live: exit 0 everything is kept, 1 something is kept by nobody or stands still."
)]
pub struct MapArgs {
    /// Ask every process which books it keeps, since when, and how far it is behind
    #[arg(long)]
    pub live: bool,
    /// Where NATS is, with --live
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// `picket doctor`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  picket doctor --nats-key keys/operator.nk --redis redis://127.0.0.1:6379"
)]
pub struct DoctorArgs {
    /// Where NATS and Redis are
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// `picket keys`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  picket keys keys\n\nKeys that are there stay. NAME.nk is a seed and secret; nkeys.env is for nats-server."
)]
pub struct KeysArgs {
    /// The folder to write them to
    pub folder: PathBuf,
}

/// `picket clock`
#[derive(Debug, Args)]
pub struct ClockArgs {
    /// `confirm` lets bells ring again after a jump or a long sleep
    pub what: Option<String>,
}
