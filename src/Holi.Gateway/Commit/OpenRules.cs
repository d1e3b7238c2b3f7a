using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Commit;

/// <summary>
/// Is this still the same device (§6.4), and is this its newest connection (§6.5)?
/// <code>
/// device   generation          known, lastAssigned, digest                      then
/// -------  ------------------  -----------------------------------------------  ---------------------------------
/// unknown  0                   (not looked at)                                  first generation; the fence rises
/// unknown  any other           (not looked at)                                  4301
/// known    any                 opening not 0 and lower than the stored one      4303
/// known    0                   (not looked at)                                  next generation; the fence rises
/// known    not the stored one  (not looked at)                                  4301
/// known    the stored one      known &gt; committed or lastAssigned &lt; committed    4300
/// known    the stored one      known = committed and another digest             4300
/// known    the stored one      anything else                                    opened; the fence rises
/// </code>
/// The opening comes first: a Hello of a life that ended changes nothing, and is no fork to be audited as one.
/// <para>With known &lt; committed the digest can be compared only when the commands in between have been sent again: the connection does that, and
/// the device compares its own at Welcome.</para>
/// </summary>
internal static class OpenRules
{
    public static void Open(BatchDraft draft, OpenDevice open)
    {
        var device = draft.State.Devices.GetValueOrDefault(open.Key);
        var code = Judge(draft, open, device);
        draft.Audit(open.Key, code == HoliCode.None ? AuditActions.Open : AuditActions.OpenRefused, AuditActions.CodeSubject(code));
        if (code != HoliCode.None)
        {
            draft.Openings.Add(new PlannedOpening(open.Source, device, code, 0, 0, default, 0));
            return;
        }
        device ??= Create(draft, open.Key);
        if (open.Generation == 0)
            Renew(draft, device);
        device.Fence++;
        device.Opening = Math.Max(device.Opening, open.Opening);
        device.Changed = true;
        draft.OwnTopic(open.Key.Tenant, open.Key.User);
        draft.Openings.Add(new PlannedOpening(
            open.Source, device, HoliCode.None, device.Generation, device.Committed, device.Digest, device.Fence));
    }

    private static HoliCode Judge(BatchDraft draft, OpenDevice open, DeviceState? device)
    {
        if (device is null)
            return open.Generation != 0 ? HoliCode.GenerationUnknown : Count(draft, open.Key) ? HoliCode.None : HoliCode.LimitReached;
        if (open.Opening != 0 && open.Opening < device.Opening)
            return HoliCode.OpeningOutdated;
        if (open.Generation == 0)
            return HoliCode.None;
        if (open.Generation != device.Generation)
            return HoliCode.GenerationUnknown;
        if (open.Known > device.Committed || open.LastAssigned < device.Committed)
            return HoliCode.GenerationForked;
        return open.Known == device.Committed && !open.Digest.FixedTimeEquals(device.Digest) ? HoliCode.GenerationForked : HoliCode.None;
    }

    private static bool Count(BatchDraft draft, DeviceKey key) =>
        draft.State.DeviceCounts.GetValueOrDefault((key.Tenant, key.User)) < draft.Limits.DevicesPerUserMax;

    private static DeviceState Create(BatchDraft draft, DeviceKey key)
    {
        var device = new DeviceState { Key = key };
        draft.State.Devices.Add(key, device);
        draft.State.DeviceCounts[(key.Tenant, key.User)] = draft.State.DeviceCounts.GetValueOrDefault((key.Tenant, key.User)) + 1;
        return device;
    }

    // A store's epoch is the second it began or was restored in. Generations above it cannot have been given out by what was there before,
    // so that a first identity from then is never taken for one of now.
    private static void Renew(BatchDraft draft, DeviceState device)
    {
        var floor = draft.State.Epoch > 1 ? (uint)Math.Min(draft.State.Epoch, uint.MaxValue / 2) : 0;
        device.Generation = Math.Max(device.Generation, floor) + 1;
        device.Committed = 0;
        device.Digest = default;
    }
}
