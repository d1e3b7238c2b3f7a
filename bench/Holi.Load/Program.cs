// The load generator: many Holi clients in one process, latencies in an HDR histogram.

using System.CommandLine;

return await new RootCommand("Loads a Holi gateway on this machine and reports latencies.").Parse(args).InvokeAsync();
