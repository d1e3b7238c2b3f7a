// One program, two doors. With an option of the simulator it simulates; without, it is the test project, which runs 60 seconds of it.

using Holi.Simulation;
using Xunit.Runner.InProc.SystemConsole;

return SimulationCommand.Concerns(args) ? SimulationCommand.Run(args) : await ConsoleRunner.Run(args);
