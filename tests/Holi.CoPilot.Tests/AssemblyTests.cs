using System.Reflection;

namespace Holi.CoPilot.Tests;

public sealed class AssemblyTests
{
    [Fact]
    public void The_assembly_carries_the_projects_version() =>
        Assembly.Load("Holi.CoPilot").GetName().Version.ShouldBe(new Version(0, 1, 0, 0));
}
