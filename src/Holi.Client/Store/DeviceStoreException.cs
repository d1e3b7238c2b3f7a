namespace Holi.Client;

/// <summary>The device's store could not do it. The message says what and what to do; never content.</summary>
public sealed class DeviceStoreException(DeviceStoreFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What went wrong.</summary>
    public DeviceStoreFailure Failure { get; } = failure;
}

/// <summary>Why a device store failed.</summary>
public enum DeviceStoreFailure
{
    /// <summary>No space left on the device. What was queued before is safe; later writes work again when there is space.</summary>
    DiskFull,
    /// <summary>Another process, or another store in this one, has it open.</summary>
    InUse,
    /// <summary>The key does not open this file, or it belongs to another user or device. The file was not touched.</summary>
    WrongKey,
    /// <summary>The file was found damaged while in use: dispose the store and open it again, which saves what can be read.</summary>
    Damaged,
    /// <summary>Any other failure of the disk.</summary>
    Failed,
}
