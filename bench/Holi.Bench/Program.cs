// Micro-benchmarks.
//   dotnet run -c Release --project bench/Holi.Bench -- check           fails where something allocates more or got slower than baseline.json says
//   dotnet run -c Release --project bench/Holi.Bench -- accept          what is measured now is the baseline
//   dotnet run -c Release --project bench/Holi.Bench -- --filter '*'    BenchmarkDotNet's own command line, for a longer look

using System.Reflection;
using BenchmarkDotNet.Running;
using Holi.Bench.Baseline;

if (args is ["check" or "accept", ..])
    return BaselineCommand.Run(args);
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
