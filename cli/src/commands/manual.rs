//! `completions`, `man`: generated from the command line itself.

use clap::ArgMatches;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::arguments::{NAME, command};
use crate::failure::Failure;
use crate::host::Host;

/// `scout-auth completions`
pub(crate) fn completions(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut script = Vec::new();
    if let Some(shell) = matches.get_one::<Shell>(NAME) {
        clap_complete::generate(*shell, &mut command(), "scout-auth", &mut script);
    }
    host.print(&String::from_utf8_lossy(&script))
}

/// `scout-auth man`
pub(crate) fn man(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut page = command().disable_help_subcommand(true);
    page.build();
    if let Some(name) = matches.get_one::<String>(NAME) {
        page = page.find_subcommand(name).cloned().ok_or_else(|| Failure::Usage {
            summary: "there is no such subcommand".to_owned(),
            help: "see scout-auth --help".to_owned(),
        })?;
    }
    let mut roff = Vec::new();
    Man::new(page).render(&mut roff).map_err(|error| Failure::Output(error.kind()))?;
    host.print(&String::from_utf8_lossy(&roff))
}
