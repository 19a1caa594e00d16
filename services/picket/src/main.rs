//! The binary: reads the command line, runs one command, says in one sentence what went wrong.

use std::process::ExitCode;

use clap::Parser;
use picket::cli::Cli;

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
