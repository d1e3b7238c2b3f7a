using System.Collections.Concurrent;
using Holi.Gateway.Cluster;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>A line between gateways of one process, which can be cut and can lose what it is told to.</summary>
internal sealed class LossyLine(LossyLine.Hub hub) : ILine
{
    private readonly ConcurrentDictionary<LineName, byte> _wanted = new();
    private Action<ReadOnlyMemory<byte>> _heard = _ => { };
    private Action<LineName> _missed = _ => { };

    /// <summary>What connects all.</summary>
    internal sealed class Hub
    {
        private readonly ConcurrentDictionary<LossyLine, byte> _lines = new();

        /// <summary>True where a message is lost on its way.</summary>
        public Func<LineName, byte[], bool> Loses { get; set; } = (_, _) => false;

        public LossyLine Line() => new(this);

        /// <summary>All hear again, and know that they did not.</summary>
        public void Restore()
        {
            foreach (var (line, _) in _lines)
            {
                foreach (var (name, _) in line._wanted)
                    line._missed(name);
            }
        }

        public void Add(LossyLine line) => _lines.TryAdd(line, 0);

        public void Remove(LossyLine line) => _lines.TryRemove(line, out _);

        public void Publish(LineName name, byte[] message)
        {
            if (Loses(name, message))
                return;
            foreach (var (line, _) in _lines)
            {
                if (line._wanted.ContainsKey(name))
                    line._heard(message);
            }
        }
    }

    public bool Exists => true;

    public string? Trouble => null;

    public void Start(Action<ReadOnlyMemory<byte>> heard, Action<LineName> missed, Action lost)
    {
        (_heard, _missed) = (heard, missed);
        hub.Add(this);
    }

    public void Subscribe(LineName name)
    {
        _wanted.TryAdd(name, 0);
        _missed(name);
    }

    public void Unsubscribe(LineName name) => _wanted.TryRemove(name, out _);

    public ValueTask<bool> PublishAsync(LineName name, ReadOnlyMemory<byte> message)
    {
        hub.Publish(name, message.ToArray());
        return ValueTask.FromResult(true);
    }

    public ValueTask DisposeAsync()
    {
        hub.Remove(this);
        return ValueTask.CompletedTask;
    }
}
