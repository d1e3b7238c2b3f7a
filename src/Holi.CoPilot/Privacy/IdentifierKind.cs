namespace Holi.CoPilot.Privacy;

/// <summary>What a token stands for: the word in it.</summary>
internal enum IdentifierKind
{
    /// <summary>Something that looks like a token itself.</summary>
    Text,
    Name,
    Record,
    Phone,
    Address,
    Email,
    Date,
    Link,
}

/// <summary>A stretch of a text that tells who somebody is.</summary>
internal readonly record struct Found(int Start, int End, IdentifierKind Kind);
