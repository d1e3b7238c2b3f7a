namespace Holi.Client.Store;

/// <summary>
/// Copies what can be read of a damaged store to a new file, queued commands first, and puts the damaged one aside. Of several versions of a row the
/// newest that is whole counts. Afterwards the device asks for a new generation, so that whatever the damage did to the order or the content of what may already
/// have been sent, the gateway recognises each command by its first identity (holi.v1.md §6.4).
/// </summary>
internal sealed class StoreSalvage(StorePaths paths, StoreOwner owner, byte[] appKey, DamageLog damage)
{
    // Bounds the log of the new file.
    private const int RowsPerTransaction = 10_000;

    /// <summary>Throws <see cref="DeviceStoreFailure.WrongKey"/>, and leaves everything as it was, where the key is not the store's.</summary>
    public void Run(StoreMark mark)
    {
        var (_, markHeader, markState) = mark.Read();
        using (var scan = new PageScan(paths))
        {
            var header = FindHeader(scan, markHeader);
            header?.ThrowIfNotOpenedBy(appKey, owner);
            header ??= StoreHeader.Create(appKey, owner);
            using var keys = new StoreKeys(appKey, header, owner);
            using var rows = new SealedRows(keys);
            try
            {
                Copy(scan, header, rows, markState);
            }
            catch
            {
                StoreSwap.Discard(paths); // half a copy would take the space that the disk may be short of
                throw;
            }
        }
        StoreSwap.Begin(paths);
        mark.Clear();
        damage.ReplaceFile();
    }

    private static StoreHeader? FindHeader(PageScan scan, byte[] markHeader)
    {
        StoreHeader? found = null;
        scan.Each((row, bytes) => row == StoreTable.HeaderRow && found is null && StoreHeader.TryRead(bytes, out found));
        return found ?? (StoreHeader.TryRead(markHeader, out var marked) ? marked : null);
    }

    private void Copy(PageScan scan, StoreHeader header, SealedRows rows, byte[] markState)
    {
        StoreSwap.Discard(paths);
        var path = StoreSwap.UnfinishedOf(paths);
        StoreConnection.CreateFile(path);
        using (var connection = StoreConnection.OpenWriter(path))
        {
            var survey = new SalvageSurvey(rows);
            survey.Run(scan, markState);
            // Nothing is on disk before the end, where all of it is: until then the damaged file is the store.
            connection.Execute("PRAGMA synchronous = OFF");
            StoreTable.Create(connection, header, survey.State, rows);
            using (var commands = new SalvagedCommands(connection, rows, survey.State, onlyThroughState: scan.BehindLastCommit))
            {
                InTransactions(connection, scan, commands.Found);
                damage.CloseHoles();
                damage.LoseRows(commands.Finish());
            }
            survey.State.Commits++;
            using (var topics = new SalvagedTopics(connection, rows, survey.Topics))
            {
                InTransactions(connection, scan, topics.Found);
                connection.Execute("BEGIN IMMEDIATE");
                foreach (var name in topics.Finish(survey.State))
                    damage.LoseTopic(name);
            }
            using (var put = connection.Prepare(StoreTable.Put))
                StoreTable.PutState(put, survey.State, rows);
            connection.Execute("COMMIT; PRAGMA synchronous = FULL");
            connection.Checkpoint();
        }
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }

    private static void InTransactions(StoreConnection connection, PageScan scan, RowFound found)
    {
        var rows = 0;
        connection.Execute("BEGIN IMMEDIATE");
        scan.Each((row, bytes) =>
        {
            if (!found(row, bytes))
                return false;
            if (++rows % RowsPerTransaction == 0)
                connection.Execute("COMMIT; BEGIN IMMEDIATE");
            return true;
        });
        connection.Execute("COMMIT");
    }
}
