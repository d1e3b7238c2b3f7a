namespace Holi.Client.Shell;

/// <summary>A caller that waits until its command is on disk.</summary>
internal sealed class PendingSend() : TaskCompletionSource<QueuedCommand>(TaskCreationOptions.RunContinuationsAsynchronously);
