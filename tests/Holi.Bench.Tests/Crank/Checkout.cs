namespace Holi.Bench.Tests.Crank;

/// <summary>The checkout that these tests were built in.</summary>
internal static class Checkout
{
    public static string Folder { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Holi.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("These tests run from a checkout.");
    }
}
