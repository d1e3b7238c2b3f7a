using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

/// <summary>A Hello that a test changes before it is said.</summary>
internal sealed class HelloDraft
{
    public required string Token { get; set; }
    public required string Device { get; set; }
    public uint Generation { get; set; }
    public ulong LastAssigned { get; set; }
    public ulong Known { get; set; }
    public CommandDigest Digest { get; set; }
    public long Backlog { get; set; } = 1_000;
    public List<TopicCursor> Cursors { get; } = [];
    public long BulkCredit { get; set; } = 1 << 20;
    public ulong Opening { get; set; }

    public HelloFrame ToFrame() => new()
    {
        Token = Token, Device = Device, Generation = Generation, LastAssigned = LastAssigned, Known = Known, Digest = Digest,
        Backlog = Backlog, Cursors = Cursors, BulkCredit = BulkCredit, AudioCredit = 1 << 16, Client = "test", Opening = Opening,
    };
}
