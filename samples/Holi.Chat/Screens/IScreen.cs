namespace Holi.Chat.Screens;

/// <summary>What a person did.</summary>
internal enum Did
{
    /// <summary>Is writing; the text is what stands there so far.</summary>
    Wrote,
    /// <summary>Entered a line.</summary>
    Entered,
    /// <summary>There will be no more input; what is queued may still leave.</summary>
    Ended,
    /// <summary>Wants to go at once.</summary>
    Quit,
}

/// <summary>One input.</summary>
internal readonly record struct Typed(Did Did, string Text);

/// <summary>Where the chat is shown and typed: <see cref="FullScreen"/> for a person, <see cref="PlainScreen"/> for pipes.</summary>
internal interface IScreen : IDisposable
{
    /// <summary>What is typed, as it comes.</summary>
    IAsyncEnumerable<Typed> ReadAsync(CancellationToken cancellation);

    /// <summary>Shows it. Called by one owner.</summary>
    void Show(ChatView view);
}
