namespace Holi.Gateway.Storage;

/// <summary>The log was written by a later version, whose schema this program does not know. Nothing was changed.</summary>
public sealed class SchemaTooNewException(string found, string known)
    : InvalidOperationException($"The log was written by a later version (schema {found}, known {known}): run that version, or a later one.");
