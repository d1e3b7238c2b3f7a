using Holi.Synthetic.Records;

namespace Holi.Synthetic.Storage;

/// <summary>Where rows of <c>synthetic_data</c> are kept. A batch is there as a whole or not at all, whenever the process dies.</summary>
internal interface IRecordStore : IAsyncDisposable
{
    /// <summary>For a person: which file or server.</summary>
    string Place { get; }

    /// <summary>Makes the table where there is none.</summary>
    Task PrepareAsync(CancellationToken cancel);

    /// <summary>Ids that begin so.</summary>
    Task<IReadOnlySet<string>> IdsAsync(string beginning, CancellationToken cancel);

    /// <summary>One transaction. A row that is there already stays as it is.</summary>
    Task WriteAsync(IReadOnlyList<RecordRow> rows, CancellationToken cancel);

    /// <summary>All rows, by id.</summary>
    IAsyncEnumerable<RecordRow> ReadAsync(CancellationToken cancel);
}
