using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Holi.Servers;
using Npgsql;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>What our connections ask of the server is in force, whatever the server's own defaults are.</summary>
public sealed class PostgresSessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_waits_for_the_disk_even_where_the_database_says_otherwise()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await database.ExecuteAsync("do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$");
        (await database.AskAsync<string>("show synchronous_commit")).ShouldBe("off", "or this would show nothing");
        await using var sources = new PostgresSources(database.Options);
        (await ShowAsync(sources.Writer, "synchronous_commit")).ShouldBe("on");
        (await ShowAsync(sources.Upkeep, "synchronous_commit")).ShouldBe("on");
    }

    [Fact]
    public async Task Nobody_waits_or_holds_a_lock_for_ever()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var sources = new PostgresSources(database.Options);
        foreach (var source in (NpgsqlDataSource[])[sources.Writer, sources.Readers])
        {
            (await ShowAsync(source, "lock_timeout")).ShouldBe("3s");
            (await ShowAsync(source, "statement_timeout")).ShouldBe("5s");
            (await ShowAsync(source, "idle_in_transaction_session_timeout")).ShouldBe("2s");
            (await ShowAsync(source, "tcp_user_timeout")).ShouldBe("8000");
            (await ShowAsync(source, "client_connection_check_interval")).ShouldBe("500ms");
        }
        (await ShowAsync(sources.Readers, "default_transaction_read_only")).ShouldBe("on");
        (await ShowAsync(sources.Upkeep, "lock_timeout")).ShouldBe("3s");
    }

    [Fact]
    public async Task What_an_operator_asks_for_is_kept_beside_ours()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var options = database.Options;
        await using var sources = new PostgresSources(
            options with { ConnectionString = options.ConnectionString + ";Application Name=ward-7;Options=-c work_mem=7MB -c synchronous_commit=off" });
        (await ShowAsync(sources.Writer, "application_name")).ShouldBe("ward-7");
        (await ShowAsync(sources.Writer, "work_mem")).ShouldBe("7MB");
        (await ShowAsync(sources.Writer, "synchronous_commit")).ShouldBe("on");
    }

    [Fact]
    public async Task A_place_names_neither_user_nor_password()
    {
        await using var store = new PostgresLogStore(
            new PostgresOptions { ConnectionString = "Host=db.example.org;Port=5;Database=log;Username=me;Password=secret", DataFolder = "/nowhere" },
            TimeProvider.System);
        store.Place.ShouldBe("Postgres, database log on db.example.org:5");
    }

    [Fact]
    public async Task Of_several_servers_the_one_that_answers_is_taken()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var options = database.Options;
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        settings.Host = $"127.0.0.1:{ServerProcess.FreePort()},127.0.0.1:{settings.Port}";
        await using var store = await database.OpenAsync(o => o with { ConnectionString = settings.ToString() });
        new Scene(store).Connect("ana").Fence.ShouldBe(1UL);
        (await store.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_is_not_there_and_one_that_refuses_say_so_without_the_password()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = "secret-word" };
        var port = settings.Port;
        settings.Port = ServerProcess.FreePort();
        (await FailAsync()).ShouldContain("cannot be reached");
        (settings.Port, settings.Database) = (port, "not_there");
        (await FailAsync()).ShouldContain("no such database");
        settings.Username = "nobody_here";
        (await FailAsync()).ShouldContain("refused");

        async Task<string> FailAsync()
        {
            var failure = await Should.ThrowAsync<StoreUnavailableException>(
                () => database.OpenAsync(o => o with { ConnectionString = settings.ToString() }));
            failure.ToString().ShouldNotContain("secret-word");
            failure.Message.ShouldStartWith("Postgres");
            return failure.Message;
        }
    }

    [Fact]
    public async Task A_link_that_is_to_be_encrypted_is()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed");
        using var folder = new TempFolder();
        using (var key = RSA.Create(2048))
        using (var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)))
        {
            await File.WriteAllTextAsync(folder.File("server.crt"), certificate.ExportCertificatePem(), Cancel);
            await File.WriteAllTextAsync(folder.File("server.key"), key.ExportPkcs8PrivateKeyPem(), Cancel);
        }
        await ServerProcess.RunAsync("chmod", ["600", folder.File("server.key")], Cancel);
        if (Environment.UserName == "root")
            await ServerProcess.RunAsync("chown", ["-R", "postgres", folder.Path], Cancel);
        await using var server = await PostgresServer.StartAsync(
            Cancel, "ssl=on", $"ssl_cert_file={folder.File("server.crt")}", $"ssl_key_file={folder.File("server.key")}");
        await using var sources = new PostgresSources(new PostgresOptions
        {
            ConnectionString = server.ConnectionString + ";SSL Mode=Require",
            DataFolder = folder.Path,
        });
        foreach (var source in (NpgsqlDataSource[])[sources.Writer, sources.Readers, sources.Upkeep])
        {
            await using var command = source.CreateCommand("select version from pg_stat_ssl where pid = pg_backend_pid() and ssl");
            ((string)(await command.ExecuteScalarAsync(Cancel))!).ShouldStartWith("TLSv1.");
        }
    }

    private static async Task<string> ShowAsync(NpgsqlDataSource source, string setting)
    {
        await using var command = source.CreateCommand($"select current_setting('{setting}')");
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
