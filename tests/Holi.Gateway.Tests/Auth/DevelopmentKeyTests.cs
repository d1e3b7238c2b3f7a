using Holi.Gateway.Auth;
using Holi.Gateway.Tests.Storage;

namespace Holi.Gateway.Tests.Auth;

public sealed class DevelopmentKeyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_made_once_and_kept_for_its_owner_alone()
    {
        var key = DevelopmentKey.LoadOrMake(_folder.Path);
        key.Length.ShouldBe(32);
        DevelopmentKey.LoadOrMake(_folder.Path).ShouldBe(key);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(_folder.File(DevelopmentKey.FileName)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_folder.Path).Length.ShouldBe(1);
    }

    [Fact]
    public void Of_many_who_start_at_once_all_have_the_same()
    {
        for (var round = 0; round < 200; round++)
        {
            var keys = new string[8];
            Parallel.For(0, keys.Length, i => keys[i] = Convert.ToHexString(DevelopmentKey.LoadOrMake(_folder.Path)));
            keys.Distinct().Count().ShouldBe(1);
            File.Delete(_folder.File(DevelopmentKey.FileName));
        }
    }

    [Fact]
    public void One_that_is_too_short_is_named()
    {
        File.WriteAllText(_folder.File(DevelopmentKey.FileName), "c2hvcnQ=");
        Should.Throw<InvalidDataException>(() => DevelopmentKey.LoadOrMake(_folder.Path)).Message.ShouldContain("Delete it");
    }
}
