namespace Holi.CoPilot.Fallback;

/// <summary>Who is asked, and in which order. After the last provider comes what was cached for the same request, then the template.</summary>
public enum NoteRoute
{
    /// <summary>The cloud, then the building.</summary>
    CloudFirst,

    /// <summary>The building, then the cloud.</summary>
    LocalFirst,

    /// <summary>The building alone: nothing leaves it.</summary>
    LocalOnly,
}
