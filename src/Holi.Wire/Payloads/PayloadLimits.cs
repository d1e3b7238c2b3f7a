namespace Holi.Wire.Payloads;

/// <summary>What a payload may hold (holi.v1.md §3.1 and §8.8), where <see cref="WireLimits"/> does not say it already.</summary>
public static class PayloadLimits
{
    /// <summary>Keys of one map. It bounds the search for repeated keys, which compares each key with those before it.</summary>
    public const int MapKeysMax = 1_024;
    /// <summary>Attachments of one message.</summary>
    public const int AttachmentsMax = 32;
    /// <summary>Bytes of an attachment's id.</summary>
    public const int AttachmentIdBytesMax = 128;
    /// <summary>Bytes of a media type: the longest that RFC 6838 §4.2 allows is 127 + 1 + 127.</summary>
    public const int MediaTypeBytesMax = 255;
    /// <summary>Bytes of an attachment's file name: what common file systems take.</summary>
    public const int FileNameBytesMax = 255;
    /// <summary>Bytes of a record's kind or id, of a recording's or notification's id, and of the name of a record's field.</summary>
    public const int IdBytesMax = 64;
    /// <summary>Fields of one record.change.</summary>
    public const int RecordFieldsMax = MapKeysMax;
    /// <summary>The highest priority of a notification; 0 is the lowest.</summary>
    public const int PriorityMax = 9;
    /// <summary>Bytes of a notification's body.</summary>
    public const int NotificationBodyBytesMax = 4_096;
    /// <summary>Bytes of what a notification refers to.</summary>
    public const int ReferenceBytesMax = 256;
    /// <summary>Bytes of the name of who speaks in a transcript.</summary>
    public const int SpeakerBytesMax = 64;
    /// <summary>The last millisecond of the year 9999: times beyond it have no date.</summary>
    public const long TimeMsMax = 253_402_300_799_999;
}
