using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holi.Client.Store;

/// <summary>
/// Opens a store: takes it for this process, tells a wrong key from damage, compares the file with its mark, and where anything is wrong
/// has what can be saved copied to a new file and opens that. A damaged file is put aside, never thrown away.
/// </summary>
internal sealed class StoreOpening(StorePaths paths, StoreOwner owner, byte[] appKey)
{
    // What is small is checked whole at opening; damage in what is large is found by the first read that meets it.
    private const long FileBytesChecked = 8 * 1024 * 1024;
    private const ulong CommandsChecked = 10_000;
    private const int CommandsCheckedAtOnce = 500;
    private const int BytesCheckedAtOnce = 1024 * 1024;

    private readonly DamageLog _damage = new();

    public SqliteDeviceStore Open()
    {
        var mark = StoreMark.Take(paths);
        try
        {
            if (mark.Read().Flag == StoreMark.Flag.Wiping)
                StoreWipe.Destroy(paths, mark);
            StoreSwap.Finish(paths);
            if (TryLoad(mark) is { } store)
                return store;
            new StoreSalvage(paths, owner, appKey, _damage).Run(mark);
            return TryLoad(mark)
                ?? throw new DeviceStoreException(DeviceStoreFailure.Damaged, "The device store cannot be read, nor could a new one be made in its place.");
        }
        catch (Exception failed)
        {
            mark.Dispose();
            if (failed is SqliteException or IOException or UnauthorizedAccessException)
                throw StoreFailures.Of(failed, paths.Folder);
            throw;
        }
    }

    /// <summary>Null where the file must be salvaged.</summary>
    private SqliteDeviceStore? TryLoad(StoreMark mark)
    {
        var (flag, markHeader, markState) = mark.Read();
        var isNew = markHeader.Length == 0 && !File.Exists(paths.Database);
        if (flag == StoreMark.Flag.Damaged || (!isNew && !File.Exists(paths.Database)))
            return null;
        if (isNew)
            StoreConnection.CreateFile(paths.Database);
        StoreFile? file = null;
        try
        {
            if (!StoreConnection.IsHeaderWhole(paths.Database))
                return null;
            // What a process wrote and did not live to sync is about to be told as kept.
            StoreConnection.SyncLog(paths.Wal);
            file = OpenFile(isUnusedAllowed: markHeader.Length == 0);
            if (file?.Load() is not { } loaded || IsBehind(loaded.State, markState, file.Rows) || !IsWhole(file.Connection))
                return null;
            StoreTable.Migrate(file.Connection, loaded.State, file.Rows);
            CheckCommands(file, loaded.State);
            mark.Write(file.Header.ToBytes(), StoreTable.Read(file.Connection, StoreTable.StateRow));
            var writer = new StoreWriter(file.Connection, file.Rows, file.Header, loaded, mark, _damage);
            var store = new SqliteDeviceStore(paths, file.Keys, writer, mark, _damage, file.Header.Device);
            file = null;
            return store;
        }
        catch (SqliteException failed) when (StoreFailures.IsDamage(failed) || failed.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            return null; // SQLITE_ERROR: no such table, where the page of the schema was hit
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Null where the header cannot be read. Throws where the key is not the file's.</summary>
    private StoreFile? OpenFile(bool isUnusedAllowed)
    {
        var connection = StoreConnection.OpenWriter(paths.Database);
        try
        {
            // A process may have died between making the file and laying it out.
            if (connection.IsUnused && isUnusedAllowed)
                return Create(connection);
            if (!StoreHeader.TryRead(StoreTable.Read(connection, StoreTable.HeaderRow), out var header))
            {
                connection.Dispose();
                return null;
            }
            header.ThrowIfNotOpenedBy(appKey, owner);
            return new StoreFile(connection, header, new StoreKeys(appKey, header, owner));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private StoreFile Create(StoreConnection connection)
    {
        var header = StoreHeader.Create(appKey, owner);
        var file = new StoreFile(connection, header, new StoreKeys(appKey, header, owner));
        StoreTable.Create(connection, header, StoreState.New(), file.Rows);
        return file;
    }

    private static bool IsBehind(StoreState loaded, byte[] markState, SealedRows rows) =>
        StoreTable.OpenState(markState, rows) is { } marked && marked.Commits > loaded.Commits;

    private bool IsWhole(StoreConnection connection)
    {
        if (new FileInfo(paths.Database).Length > FileBytesChecked)
            return true;
        using var check = connection.Prepare("PRAGMA quick_check(1)");
        return check.Step() && check.Bytes(0).SequenceEqual("ok"u8);
    }

    // So that in all but extreme cases the app learns at once, not when the network is back, that a message is lost.
    private void CheckCommands(StoreFile file, StoreState state)
    {
        if (state.LastAssigned - state.Known > CommandsChecked)
            return;
        using var outbox = new OutboxReader(file.Connection, file.Rows);
        var lost = new List<long>();
        var after = state.Known;
        while (outbox.Read(state.Runs, after, CommandsCheckedAtOnce, BytesCheckedAtOnce, lost) is [.., var last])
            after = last.Seq;
        _damage.LoseRows(lost);
    }
}
