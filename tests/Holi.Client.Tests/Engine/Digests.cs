using System.Text;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Engine;

/// <summary>The digest as a gateway computes it from what was sent.</summary>
internal static class Digests
{
    public static CommandDigest Of(CommandDigest from, IEnumerable<SentFrames.SentCommand> sent, string topic) =>
        sent.Aggregate(from, (digest, c) => digest.Roll(
            CommandCheck.Compute(c.Seq, c.FirstGeneration, c.FirstSeq, c.Type, Encoding.UTF8.GetBytes(topic), new(c.Payload))));
}
