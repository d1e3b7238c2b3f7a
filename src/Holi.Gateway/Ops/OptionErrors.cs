namespace Holi.Gateway.Ops;

/// <summary>Says everything that is wrong with the options, at once.</summary>
internal static class OptionErrors
{
    public const int ExitCode = 2;

    public static int Print(IReadOnlyList<string> errors)
    {
        Console.Error.WriteLine(errors.Count == 1 ? "One setting is wrong:" : $"{errors.Count} settings are wrong:");
        foreach (var error in errors)
            Console.Error.WriteLine($"  - {error}");
        Console.Error.WriteLine("Settings come from appsettings.json, HOLI_… in the environment (HOLI_AUTH__ISSUER), and the command line.");
        return ExitCode;
    }
}
