using System.Buffers;
using System.Text;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>A device that waits for its committer's answer, whichever gateway that is on.</summary>
internal sealed class RemoteDevice(DeviceKey key) : ICommitSource
{
    private TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _generation;
    private ulong _seq;

    public long DeviceId { get; private set; }
    public ulong Fence { get; private set; }
    public HoliCode Closed { get; private set; }
    public List<Refusal> Refusals { get; } = [];

    public Task OpenAsync(ICommitter committer) => AskAsync(committer, new OpenDevice(this, key, 0, 0, 0, default, 0));

    public Task SendAsync(ICommitter committer, string topic, ushort type, byte[] payload)
    {
        var check = CommandCheck.Compute(++_seq, 0, 0, type, Encoding.UTF8.GetBytes(topic), new ReadOnlySequence<byte>(payload));
        return AskAsync(committer, new SubmitCommand(this, key, _generation, Fence, _seq, 0, 0, check, topic, type, payload));
    }

    void ICommitSource.Opened(in DeviceOpened opened)
    {
        opened.Code.ShouldBe(HoliCode.None);
        (DeviceId, _generation, Fence) = (opened.DeviceId, opened.Generation, opened.Fence);
        _answered.SetResult();
    }

    void ICommitSource.Committed(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        Refusals.AddRange(refusals);
        _answered.SetResult();
    }

    void ICommitSource.Refused(HoliCode code)
    {
        Closed = code;
        _answered.SetResult();
    }

    private Task AskAsync(ICommitter committer, CommitInput input)
    {
        _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        committer.Submit(input).ShouldBeTrue();
        return _answered.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
