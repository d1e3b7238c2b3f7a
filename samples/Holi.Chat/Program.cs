// A chat in the terminal, the smallest program that embeds Holi.Client.

using Spectre.Console;

AnsiConsole.MarkupLine("[bold]Holi chat[/]");
