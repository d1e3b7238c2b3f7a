using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Holi.Gateway.Storage;

/// <summary>
/// The audit trail's chain: each row's hash is SHA-256 over the hash before it and the row's own fields, each field with its length before it,
/// so that no two rows have the same bytes. Who changes, removes or inserts a row must recompute all after it; keeping the last
/// hash elsewhere from time to time shows that, too.
/// <para>One node has one chain. Where several write one log each has a chain of its own, because one for all would make every batch of one node
/// wait for every batch of another; the chains' beginnings hang together in the same way, so that none can be taken out as a whole.</para>
/// </summary>
public static class AuditChain
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>What the first row's hash covers in place of one before it.</summary>
    public static byte[] Start() => new byte[HashBytes];

    /// <summary>Where a writer's own chain begins: the beginning of the chain that was begun before it, and whose this one is.</summary>
    public static byte[] Start(ReadOnlySpan<byte> before, Guid writer)
    {
        Span<byte> bytes = stackalloc byte[HashBytes + 16];
        before.CopyTo(bytes);
        writer.TryWriteBytes(bytes[HashBytes..], bigEndian: true, out _);
        return SHA256.HashData(bytes);
    }

    /// <summary>The hash of a row.</summary>
    public static byte[] Next(ReadOnlySpan<byte> previous, long id, AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        Append(hash, id);
        Append(hash, entry.TimeMs);
        Append(hash, entry.Tenant);
        Append(hash, entry.User);
        Append(hash, entry.Device);
        Append(hash, entry.Action);
        Append(hash, entry.Subject);
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }
}

/// <summary>Walks one chain from its beginning, row by row in the order of their ids. Ids are dense from 1, so a removed row shows.</summary>
/// <param name="start">What the first row's hash covers.</param>
public sealed class AuditWalk(byte[] start)
{
    private byte[] _hash = start;
    private long? _firstBad;

    /// <summary>Rows that hang together so far; the last one's id.</summary>
    public long Rows { get; private set; }

    public AuditVerdict Verdict => new(Rows, _firstBad, _hash);

    /// <summary>The next row. False where it does not hang together with those before it: there the walk ends.</summary>
    public bool Take(long id, AuditEntry entry, ReadOnlySpan<byte> hash)
    {
        var next = AuditChain.Next(_hash, id, entry);
        if (id != Rows + 1 || !hash.SequenceEqual(next))
        {
            _firstBad = id;
            return false;
        }
        (_hash, Rows) = (next, id);
        return true;
    }
}

/// <summary>What verifying the audit trail found.</summary>
/// <param name="Rows">Rows that hang together, from the first.</param>
/// <param name="FirstBadId">The first row that does not; null where all do.</param>
/// <param name="LastHash">The hash of the last good row, to be kept elsewhere.</param>
public sealed record AuditVerdict(long Rows, long? FirstBadId, ReadOnlyMemory<byte> LastHash);
