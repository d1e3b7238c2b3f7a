namespace Holi.CoPilot.Providers;

/// <summary>What a model wrote in one call.</summary>
/// <param name="Text">All of it.</param>
/// <param name="Model">As it names itself; null where it does not.</param>
/// <param name="InputTokens">As the provider counts; 0 where it does not.</param>
/// <param name="OutputTokens">As the provider counts; 0 where it does not.</param>
internal sealed record ModelReply(string Text, string? Model, long InputTokens, long OutputTokens);
