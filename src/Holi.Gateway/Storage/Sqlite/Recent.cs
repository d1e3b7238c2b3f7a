namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// Remembers what was used lately, in two halves: what is used moves into the newer one, and when that is full the older one is forgotten.
/// So it holds at most 2 × <paramref name="half"/> entries, and at least the last <paramref name="half"/> used. Not thread-safe.
/// </summary>
internal sealed class Recent<TKey, TValue>(int half)
    where TKey : notnull
    where TValue : class
{
    private Dictionary<TKey, TValue> _newer = [];
    private Dictionary<TKey, TValue> _older = [];

    public TValue? Find(TKey key)
    {
        if (_newer.TryGetValue(key, out var value))
            return value;
        if (!_older.Remove(key, out value))
            return null;
        Keep(key, value);
        return value;
    }

    public void Keep(TKey key, TValue value)
    {
        if (_newer.Count >= half && !_newer.ContainsKey(key))
        {
            (_newer, _older) = (_older, _newer);
            _newer.Clear();
        }
        _older.Remove(key);
        _newer[key] = value;
    }

    public void Forget(TKey key)
    {
        _newer.Remove(key);
        _older.Remove(key);
    }

    public void Clear()
    {
        _newer.Clear();
        _older.Clear();
    }
}
