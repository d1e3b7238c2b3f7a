using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Microsoft.Data.Sqlite;

namespace Holi.EndToEnd.Gateways;

/// <summary>The audit rows of a running gateway, read beside it.</summary>
internal static class AuditTrail
{
    /// <summary>Waits until the trail has such a row.</summary>
    public static Task HasAsync(GatewayProcess gateway, string user, string action, string subject) => Eventually.HoldsAsync(
        () => Of(gateway, user).Contains($"{action} {subject}"), () => $"no '{action} {subject}' among: {string.Join("; ", Of(gateway, user))}");

    /// <summary>What was written about one person, as action and subject, oldest first.</summary>
    public static IReadOnlyList<string> Of(GatewayProcess gateway, string user)
    {
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(gateway.DataFolder, "holi.db"),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ConnectionString);
        database.Open();
        using var query = database.CreateCommand();
        query.CommandText = "select action || ' ' || subject from audit where user = $user order by audit_id";
        query.Parameters.AddWithValue("$user", user);
        using var rows = query.ExecuteReader();
        var found = new List<string>();
        while (rows.Read())
            found.Add(rows.GetString(0));
        return found;
    }
}
