using System.Collections.Immutable;

namespace Holi.Client.Store;

/// <summary>What the last committed transaction left: the state and the topics. Never changed; the next commit publishes another.</summary>
internal sealed record StoreSnapshot(StoreState State, ImmutableDictionary<string, TopicRow> Topics);
