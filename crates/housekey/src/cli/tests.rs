use clap::{CommandFactory, Parser};

use super::Cli;

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

/// Every command can be understood from its help: what it does, and how it is called.
#[test]
fn every_command_explains_itself_with_an_example() {
    fn look(command: &clap::Command) {
        let name = command.get_name();
        assert!(command.get_about().is_some(), "{name} says not what it does");
        for argument in command.get_arguments() {
            let id = argument.get_id();
            assert!(argument.get_help().is_some(), "--{id} of {name} says not what it means");
        }
        if command.get_subcommands().next().is_none() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("xample") || name == "serve", "{name} has no example");
        }
        command.get_subcommands().for_each(look);
    }
    Cli::command().get_subcommands().for_each(look);
}

#[test]
fn flags_for_measuring_are_hidden() {
    let mut command = Cli::command();
    let dev = command.find_subcommand_mut("dev").expect("there is dev");
    let help = dev.render_long_help().to_string();
    assert!(help.contains("--tls") && !help.contains("--seed-users"), "{help}");
    assert!(!help.contains("--no-rate-limits"), "{help}");
}

#[test]
fn a_command_needs_exactly_one_target() {
    let parse = |line: &str| Cli::try_parse_from(line.split(' ')).map(drop);
    assert!(parse("housekey tenant list --config h.toml").is_ok());
    assert!(parse("housekey tenant list --data .housekey").is_ok());
    assert!(parse("housekey tenant list --data .housekey --database postgres://h/d").is_ok());
    assert!(parse("housekey tenant list").is_err());
    assert!(parse("housekey tenant list --config h.toml --data .housekey").is_err());
    assert!(parse("housekey tenant list --config h.toml --database postgres://h/d").is_err());
    assert!(parse("housekey serve").is_err());
    assert!(parse("housekey dev --listen localhost").is_err());
}
