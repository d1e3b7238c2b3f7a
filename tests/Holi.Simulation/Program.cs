// One program, two doors: without a verb it is the test project (a few seeds, as every run of test.sh does).

using Xunit.Runner.InProc.SystemConsole;

return await ConsoleRunner.Run(args);
