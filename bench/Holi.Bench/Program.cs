// Micro-benchmarks. Run: dotnet run -c Release --project bench/Holi.Bench -- --filter '*'

using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
