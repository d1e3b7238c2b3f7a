namespace Holi.Gateway.Ops.Doctor;

/// <summary>Are the settings ones that the gateway would start with?</summary>
internal static class SettingsCheck
{
    private const string Subject = "settings";

    public static IEnumerable<Finding> Look(IReadOnlyList<string> errors)
    {
        if (errors.Count == 0)
            yield return Finding.Fine(Subject, "can be read");
        foreach (var error in errors)
        {
            // As OptionsReader words them: what is wrong, a colon, what to do.
            var colon = error.IndexOf(": ", StringComparison.Ordinal);
            var (what, remedy) = colon < 0 ? (error, "write it as the text of --help says") : (error[..colon], error[(colon + 2)..].TrimEnd('.'));
            yield return Finding.Problem(Subject, what, "the gateway does not start with it", remedy);
        }
    }
}
