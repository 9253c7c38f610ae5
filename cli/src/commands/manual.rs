//! `completions`, `man`: generated from the command line itself.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::arguments::{NAME, OUT, command, complete_command, names};
use crate::failure::Failure;
use crate::host::Host;
use crate::sections;

/// `scout-auth completions`
pub(crate) fn completions(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut script = Vec::new();
    let shell = matches.get_one::<Shell>(NAME).copied();
    if let Some(shell) = shell {
        clap_complete::generate(shell, &mut command(), "scout-auth", &mut script);
    }
    let script = String::from_utf8_lossy(&script);
    host.print(&match shell {
        // clap_complete writes the hyphen of our name in two ways, and bash then finds no subcommand:
        // clap-rs/clap#6421. It is the same text if that is mended there.
        Some(Shell::Bash) => script.replace("scout__subcmd__auth", "scout__auth"),
        // clap_complete completes no positional arguments for fish.
        Some(Shell::Fish) => script.into_owned() + &fish_values(),
        _ => script.into_owned(),
    })
}

/// fish completions for the arguments that are not options.
fn fish_values() -> String {
    let mut lines = String::new();
    for command in complete_command().get_subcommands() {
        let values: Vec<_> = command.get_positionals().flat_map(clap::Arg::get_possible_values).collect();
        if !values.is_empty() {
            let names: Vec<_> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            let (name, names) = (command.get_name(), names.join(" "));
            // Writing to a string cannot fail.
            let _ =
                writeln!(lines, "complete -c scout-auth -n \"__fish_seen_subcommand_from {name}\" -f -a \"{names}\"");
        }
    }
    lines
}

/// `scout-auth man`
pub(crate) fn man(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    if let Some(folder) = matches.get_one::<PathBuf>(OUT) {
        return write_pages(folder);
    }
    host.print(&page(matches.get_one::<String>(NAME).map(String::as_str))?)
}

/// Writes all pages into a folder.
fn write_pages(folder: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::output("a file in the folder of --out", &error);
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(folder.join("scout-auth.1"), page(None)?).map_err(failed)?;
    for name in names() {
        fs::write(folder.join(format!("scout-auth-{name}.1")), page(Some(name))?).map_err(failed)?;
    }
    Ok(())
}

/// The manual page of one subcommand, or of the whole command.
fn page(name: Option<&str>) -> Result<String, Failure> {
    let mut page = command().disable_help_subcommand(true);
    page.build();
    if let Some(subcommand) = name.and_then(|name| page.find_subcommand(name).cloned()) {
        page = subcommand;
    }
    let man = Man::new(page.clone());
    let mut roff = Vec::new();
    let rendered = man
        .render_title(&mut roff)
        .and_then(|()| man.render_name_section(&mut roff))
        .map(|()| roff.extend(synopsis(&page).into_bytes()))
        .and_then(|()| man.render_description_section(&mut roff))
        .and_then(|()| man.render_options_section(&mut roff))
        .and_then(|()| if name.is_none() { man.render_subcommands_section(&mut roff) } else { Ok(()) });
    rendered.map_err(|error| Failure::output("the manual page", &error))?;
    let mut text = String::from_utf8_lossy(&roff).into_owned();
    for section in sections::manual(name.unwrap_or_default()) {
        let lines: String = section.lines.lines().map(|line| escaped(line) + "\n").collect();
        // Writing to a string cannot fail.
        let _ = write!(text, ".SH \"{}\"\n.nf\n{lines}.fi\n", section.title.to_uppercase());
    }
    Ok(text)
}

/// The synopsis with the names of the values, which `clap_mangen` leaves out.
fn synopsis(command: &Command) -> String {
    let mut line = format!(".SH SYNOPSIS\n\\fB{}\\fR", escaped(command.get_bin_name().unwrap_or("scout-auth")));
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        let shown = escaped(&argument.to_string());
        let _ = if argument.is_required_set() { write!(line, " {shown}") } else { write!(line, " [{shown}]") };
    }
    line + if command.has_subcommands() { " \\fISUBCOMMAND\\fR\n" } else { "\n" }
}

/// A line as roff shows it unchanged.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}
