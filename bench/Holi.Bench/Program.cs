// Micro-benchmarks. Run: dotnet run -c Release --project bench/Holi.Bench -- --filter '*'

using System.Reflection;
using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
