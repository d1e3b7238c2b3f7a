using Dapper;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>Walks the audit trail from its first row. Works beside a running gateway.</summary>
public static class AuditVerification
{
    // Rows read at a time: bounded memory, whatever the trail's length.
    private const int PageRows = 1_000;

    public static AuditVerdict Verify(SqliteOptions options)
    {
        using var connection = Connections.OpenToLook(options);
        try
        {
            return Verify(connection);
        }
        catch (SqliteException failure)
        {
            throw SqliteFailure.Of(failure, "verifying the audit trail");
        }
    }

    private static AuditVerdict Verify(SqliteConnection connection)
    {
        var walk = new AuditWalk(AuditChain.Start());
        while (true)
        {
            var page = Page(connection, walk.Rows);
            foreach (var row in page)
            {
                if (!walk.Take(row.AuditId, new AuditEntry(row.TimeMs, row.Tenant, row.User, row.Device, row.Action, row.Subject), row.Hash))
                    return walk.Verdict;
            }
            if (page.Length < PageRows)
                return walk.Verdict;
        }
    }

    // Not AsList: it is the one thing here that Dapper.AOT does not bind, and it would bring all of Dapper into the native binary.
    private static AuditRow[] Page(SqliteConnection connection, long after) =>
        connection.Query<AuditRow>(
            """
            select audit_id as AuditId, time_ms as TimeMs, tenant as Tenant, user as User, device as Device,
                   action as Action, subject as Subject, hash as Hash
            from audit where audit_id > @after order by audit_id limit @count
            """,
            new { after, count = PageRows }).ToArray();
}

/// <summary>A row of the audit trail as it lies in the database.</summary>
internal sealed class AuditRow
{
    public long AuditId { get; set; }
    public long TimeMs { get; set; }
    public string Tenant { get; set; } = "";
    public string User { get; set; } = "";
    public string Device { get; set; } = "";
    public string Action { get; set; } = "";
    public string Subject { get; set; } = "";
    public byte[] Hash { get; set; } = [];
}
