//! The binary `artel`: reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match artel_api::cli::run(artel_api::cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("artel: {failure}");
            ExitCode::FAILURE
        }
    }
}
