using Holi.CoPilot.Notes;
using Holi.CoPilot.Providers;
using Holi.Servers;

[assembly: AssemblyFixture(typeof(Holi.CoPilot.Tests.Providers.ModelServerFixture))]

namespace Holi.CoPilot.Tests.Providers;

/// <summary>Two model servers in processes of their own: one is the cloud, one is the building. Tests that use them run one after another.</summary>
public sealed class ModelServerFixture : IAsyncLifetime
{
    public ModelServer Cloud { get; private set; } = null!;

    public ModelServer Local { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cloud = await ModelServer.StartAsync(CancellationToken.None);
        Local = await ModelServer.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Cloud.DisposeAsync();
        await Local.DisposeAsync();
    }
}

/// <summary>A test against the model servers: both begin well-behaved and with nothing remembered.</summary>
[Collection(nameof(ModelServerTests))]
public abstract class ModelServerTests(ModelServerFixture servers) : IAsyncLifetime
{
    protected ModelServer Cloud => servers.Cloud;

    protected ModelServer Local => servers.Local;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Cloud.ResetAsync();
        await Local.ResetAsync();
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal static NoteWriter Writer(CoPilotOptions options) => new(options, TimeProvider.System, new Random(1));

    internal static NoteWriter Writer(params IReadOnlyList<ProviderOptions> providers) => Writer(new CoPilotOptions { Providers = providers });

    /// <summary>Cloud, then local.</summary>
    internal CoPilotOptions Both => new() { Providers = [Samples.Cloud(Cloud.Root), Samples.Local(Local.V1)] };
}
