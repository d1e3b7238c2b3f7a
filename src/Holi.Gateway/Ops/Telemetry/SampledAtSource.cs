using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Holi.Gateway.Ops.Telemetry;

/// <summary>
/// Keeps what <see cref="Traces.MessageTraces"/> began, since that chose already, and what others (a database's driver) do within it. What others do on
/// their own account is not kept.
/// </summary>
internal sealed class SampledAtSource : Sampler
{
    private static readonly string[] Roots = ["receive command", "receive publication", "commit batch"];

    public override SamplingResult ShouldSample(in SamplingParameters parameters)
    {
        var parent = parameters.ParentContext;
        var isKept = parent.TraceId != default ? (parent.TraceFlags & ActivityTraceFlags.Recorded) != 0 : Roots.Contains(parameters.Name);
        return new SamplingResult(isKept ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }
}
