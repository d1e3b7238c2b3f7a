using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holi.CoPilot.Notes;

/// <summary>Requests and notes as JSON: camelCase, enumerations by name, durations in seconds, what is null left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [
        typeof(SecondsConverter), typeof(NameConverter<NoteKind>), typeof(NameConverter<NoteFlagKind>), typeof(NameConverter<NoteSource>),
        typeof(NameConverter<NoteUpdateKind>)])]
[JsonSerializable(typeof(NoteRequest))]
[JsonSerializable(typeof(Note))]
[JsonSerializable(typeof(NoteUpdate))]
[JsonSerializable(typeof(Transcript))]
[JsonSerializable(typeof(PatientContext))]
public sealed partial class NoteJson : JsonSerializerContext;

/// <summary>A duration as a number of seconds, to the microsecond.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    // 1,000 days: far beyond anything that is a duration here, and far from overflowing.
    private const double SecondsMax = 86_400_000;

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var seconds = reader.GetDouble();
        return seconds is >= 0 and <= SecondsMax ? TimeSpan.FromMicroseconds(Math.Round(seconds * 1e6)) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue((decimal)value.Ticks / TimeSpan.TicksPerSecond);
}

/// <summary>An enumeration by its names in camelCase, never by number.</summary>
internal sealed class NameConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
