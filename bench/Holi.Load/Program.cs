// The load generator: one subcommand for each measure. Progress on standard error; on standard output the result as a line for people, crank's
// statistics block and, as the very last line, the result as one line of JSON. Exit code 1 where a guarantee was broken, 2 where the order makes no sense.

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
    StormScenario.Build(time),
    SoakScenario.Build(time),
    OverloadScenario.Build(time),
    LanesScenario.Build(time),
    FailoverScenario.Build(time),
    PublishScenario.Build(time),
    ChaosScenario.Build(time),
};
var order = root.Parse(args);
foreach (var error in order.Errors)
    Console.Error.WriteLine(error.Message);
if (order.Errors.Count > 0)
    return 2;
try
{
    // Whoever ends it early waits until what it started is taken away.
    return await order.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Ended before its time.");
    return 130;
}
catch (ArgumentException wrong) when (wrong.ParamName is null)
{
    // What could be seen to be wrong only once things were up.
    Console.Error.WriteLine(wrong.Message);
    return 2;
}
