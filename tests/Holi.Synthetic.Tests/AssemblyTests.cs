using System.Reflection;

namespace Holi.Synthetic.Tests;

public sealed class AssemblyTests
{
    [Fact]
    public void The_assembly_carries_the_projects_version() =>
        Assembly.Load("Holi.Synthetic").GetName().Version.ShouldBe(new Version(0, 1, 0, 0));
}
