using System.Buffers.Binary;
using System.Security.Cryptography;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>A backend as the committer sees it: what it publishes, and what it was answered, in order.</summary>
public sealed class Backend(Scene scene) : IPublicationSource
{
    public List<PublicationAnswer> Answers { get; } = [];
    public PublicationAnswer Last => Answers[^1];

    /// <summary>A notification to a person's own topic, or to the topic named.</summary>
    public SubmitPublication Notify(string key, string topic = "user/ana", string title = "title", long? deliverAt = null, long? expires = null) =>
        Publication(key, topic, MessageTypes.Notification, new Notification("id", 5, title, null, null, expires).ToBytes(), deliverAt, expires);

    public SubmitPublication Post(string key, string topic, string text, ulong? replyTo = null) =>
        Publication(key, topic, MessageTypes.MessagePost, new MessagePost(text, replyTo).ToBytes(), null, null);

    public CancelPublication Cancel(string key) => new(this, new PublicationKey(Scene.Tenant, key), new PublicationOrigin("lab", PublicationRoads.Http));

    /// <summary>What the scheduler submits for all that is due now.</summary>
    public DeliverScheduled[] Due() =>
    [
        .. Scene.Await(scene.Store.ReadScheduledAsync(1_000, default)).First.Where(w => w.DueMs <= scene.NowMs)
            .Select(w => new DeliverScheduled(this, w)),
    ];

    public PublicationAnswer Run(CommitInput input)
    {
        scene.Run(input);
        return Last;
    }

    void IPublicationSource.Answered(in PublicationAnswer answer) => Answers.Add(answer);

    private SubmitPublication Publication(string key, string topic, ushort type, byte[] payload, long? deliverAt, long? expires)
    {
        var asked = SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes($"{topic} {type} {deliverAt} {expires} "), .. payload]);
        return new SubmitPublication(
            this, new PublicationKey(Scene.Tenant, key), BinaryPrimitives.ReadUInt128BigEndian(asked),
            new PublicationOrigin("lab", PublicationRoads.Http), topic, type, payload, deliverAt, expires);
    }
}
