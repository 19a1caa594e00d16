//! The binary: reads the command line, runs one command, says in one sentence what went wrong.

use std::process::ExitCode;

use clap::Parser;
use picket::cli::Cli;

/// Books are many small values that live and die together; the system's allocator spends a quarter of the time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no failure; everything else is wrong words.
            let code = if error.use_stderr() { 2 } else { 0 };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    picket::run(cli)
}
