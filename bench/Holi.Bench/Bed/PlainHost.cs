using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Bench.Bed;

/// <summary>One device of a <see cref="GatewayBed"/>: the host of its connection, who sends and takes bytes as a socket would, and looks into none.</summary>
internal sealed class PlainHost : IConnectionHost
{
    private readonly GatewayBed _bed;
    private readonly string _user;
    private readonly ArrayBufferWriter<byte> _up = new(1_024);
    private readonly ArrayBufferWriter<byte> _down = new(WireLimits.MessageBytesMax);
    private ulong _seq;

    public PlainHost(GatewayBed bed, string user)
    {
        (_bed, _user) = (bed, user);
        Connection = new DeviceConnection(this, bed.Around, bed.Now);
    }

    public DeviceConnection Connection { get; }

    /// <summary>Whatever is submitted is in the next batch.</summary>
    public bool HasRoom { get; } = true;

    /// <summary>Says Hello.</summary>
    public void SayHello()
    {
        new HelloFrame { Token = _user, Device = "phone", Backlog = 0, BulkCredit = 1 << 20 }.Write(_up);
        Deliver();
    }

    /// <summary>The next command, by topic name.</summary>
    public void Command(ReadOnlyMemory<byte> topic, ushort type, ReadOnlyMemory<byte> payload)
    {
        new CommandFrame(++_seq, 0, 0, 0, new ReadOnlySequence<byte>(topic), type, new ReadOnlySequence<byte>(payload)).Write(_up);
        Deliver();
    }

    /// <summary>Stored so far.</summary>
    public void Ack(uint topic, ulong offset)
    {
        AckFrame.Write(_up, [new AckEntry(topic, offset)]);
        Deliver();
    }

    /// <summary>Takes out what the connection has to send; the bytes it came to.</summary>
    public int Take()
    {
        var bytes = 0;
        for (; Connection.TryFill(_down, _bed.Now); _down.ResetWrittenCount())
            bytes += _down.WrittenCount;
        return bytes;
    }

    public bool Submit(CommitInput input) => _bed.Submit(input);

    public void Authenticate(string token) =>
        Connection.OnAuthenticated(
            new TokenVerdict(HoliCode.None, new TokenIdentity("bench", token, _bed.Now.UnixMs + 86_400_000, token, "")), _bed.Now);

    public void ReadMemberships(string tenant, string user) =>
        _bed.Read(store => store.ReadMembershipsAsync(tenant, user, default), found => Connection.OnMemberships(found, _bed.Now));

    public void ReadMembership(string tenant, string user, string topicName) =>
        _bed.Read(store => store.ReadMembershipAsync(tenant, user, topicName, default), found => Connection.OnMembership(found, _bed.Now));

    public void ReadRefusals(long deviceId, uint generation, ulong after, ulong through) =>
        _bed.Read(store => store.ReadRefusalsAsync(deviceId, generation, after, through, default), found => Connection.OnRefusals(found, _bed.Now));

    public void ReadEvents(long topicId, ulong after, int countMax, int bytesMax) =>
        _bed.Read(store => store.ReadEventsAsync(topicId, after, countMax, bytesMax, default), found => Connection.OnEvents(found, _bed.Now));

    public void ReadHistory(long topicId, ulong first, ulong before, int countMax, int bytesMax) =>
        _bed.Read(store => store.ReadEventsBackAsync(topicId, first, before, countMax, bytesMax, default), found => Connection.OnHistory(found, _bed.Now));

    public void ReadRoster(long topicId) => throw new NotSupportedException("Nobody watches.");

    public void FindCheck(long deviceId, uint generation, ulong seq) => throw new NotSupportedException("Nothing is sent again.");

    public void Wake()
    {
        // The bed takes from everybody after each step.
    }

    public void Close(HoliCode code) => throw new InvalidOperationException($"{_user} was closed with {code}.");

    void ICommitSource.Opened(in DeviceOpened opened) => Connection.OnOpened(opened, _bed.Now);

    void ICommitSource.Committed(ulong committed, IReadOnlyList<Refusal> refusals) => Connection.OnCommitted(committed, refusals, _bed.Now);

    void ICommitSource.Refused(HoliCode code) => Connection.OnRefused(code, _bed.Now);

    private void Deliver()
    {
        Connection.Receive(new ReadOnlySequence<byte>(_up.WrittenMemory), _bed.Now);
        _up.ResetWrittenCount();
    }
}
