/* The subcommands.  Each gets its own name as the first argument and returns an ExitCode. */
#pragma once

int command_bench(int argc, char **argv);
int command_chat(int argc, char **argv);
int command_echo(int argc, char **argv);
int command_ping(int argc, char **argv);
