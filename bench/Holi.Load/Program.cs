// The load generator: one subcommand for each measure. Progress on standard error; on standard output crank's statistics block and,
// as the very last line, the result as one line of JSON. Exit code 1 where a guarantee was broken.

using System.CommandLine;
using Holi.Load.Chaos;
using Holi.Load.Devices;
using Holi.Load.Scenarios;
using Holi.Load.Scenarios.Flush;

var time = TimeProvider.System;
var root = new RootCommand("Loads a Holi gateway on this machine and reports what it did.")
{
    FlushScenario.Build(time),
    FlushSender.Build(time),
    LineDevice.Build(time),
    LatencyScenario.Build(time),
    ConnectScenario.Build(time),
    ReconnectScenario.Build(time),
    FanoutScenario.Build(time),
    PairsScenario.Build(time),
    IdleScenario.Build(time),
    ThroughputScenario.Build(time),
    FailoverScenario.Build(time),
    PublishScenario.Build(time),
    ChaosScenario.Build(time),
};
return await root.Parse(args).InvokeAsync();
