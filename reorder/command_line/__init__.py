"""One module a subcommand: its options and its help, and no decisions; what it does is in `commands`."""
